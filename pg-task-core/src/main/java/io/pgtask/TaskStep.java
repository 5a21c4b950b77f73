package io.pgtask;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Isolation;

/**
 * Marks a {@link Step} bean for the registry: a class found by component scanning, or a
 * {@code @Bean} method that returns a {@code Step}.
 * <p>
 * The retry vocabulary is that of {@code org.springframework.core.retry.RetryPolicy}: a
 * step is attempted at most {@code 1 + maxRetries} times. The delay before retry
 * {@code n} (from 1) is {@code retryDelay} if it is constant, {@code retryDelay * n} if
 * it is linear, and {@code retryDelay * retryMultiplier^(n-1)} if it is exponential, but
 * never more than {@code retryMaxDelay}; the share {@code retryJitter} of it is random.
 * <p>
 * What an attribute does not say, the properties {@code pg-task.retry.*} say; what the
 * properties {@code pg-task.steps.<task type>.<step>.*} say, wins over the attributes.
 * Durations are written in Spring Boot's simple ({@code 5s}) or in ISO-8601 format
 * ({@code PT5S}) and may contain {@code ${...}} placeholders.
 */
@Documented
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Component
public @interface TaskStep {

	/** The value of a whole number that is as configured. */
	int AS_CONFIGURED = Integer.MIN_VALUE;

	/**
	 * The name of the bean, as in {@link Component#value()}; no part of what is
	 * persisted.
	 * @return the name of the bean, or an empty string for the default
	 */
	@AliasFor(annotation = Component.class)
	String value() default "";

	/**
	 * How often a failed step is tried again before the task is parked with its error.
	 * @return the number of retries, 0 or more; by default as configured, and without
	 * configuration 0
	 */
	int maxRetries() default AS_CONFIGURED;

	/**
	 * How the delay grows from retry to retry.
	 * @return the kind of back-off; by default as configured, and without configuration
	 * exponential if there is a multiplier and constant otherwise
	 */
	Backoff retryBackoff() default Backoff.DEFAULT;

	/**
	 * The delay before the first retry.
	 * @return the delay as a duration; by default as configured, and without
	 * configuration a second
	 */
	String retryDelay() default "";

	/**
	 * The factor by which an exponential delay grows from retry to retry. To set it is to
	 * ask for {@link Backoff#EXPONENTIAL}.
	 * @return the multiplier, 1 or more; by default as configured, and without
	 * configuration 2
	 */
	double retryMultiplier() default Double.NaN;

	/**
	 * The longest delay.
	 * @return the cap as a duration; by default as configured, and without configuration
	 * there is none
	 */
	String retryMaxDelay() default "";

	/**
	 * The share of every delay that is random, so that tasks that failed together do not
	 * come back together.
	 * @return the share, between 0 and 1; by default as configured, and without
	 * configuration 0
	 */
	double retryJitter() default Double.NaN;

	/**
	 * The exceptions that are retried, themselves or as the cause of another. The task is
	 * parked at once with any other.
	 * @return the types; all exceptions if there is none
	 */
	Class<? extends Throwable>[] retryFor() default {};

	/**
	 * The exceptions that are never retried, themselves or as the cause of another, even
	 * if {@link #retryFor()} names them: the task is parked at once.
	 * @return the types
	 */
	Class<? extends Throwable>[] noRetryFor() default {};

	/**
	 * The name of a bean of type {@code org.springframework.core.retry.RetryPolicy} that
	 * decides which failures are retried, after which delay and how often, instead of all
	 * the other attributes about retries.
	 * @return the name of the bean, or an empty string if there is none
	 */
	String retryPolicy() default "";

	/**
	 * How long an attempt may take. The thread of a step that takes longer is
	 * interrupted, and the attempt has failed, whatever the step still returns. All
	 * statements of a transactional step get what is left of the time, in whole seconds,
	 * rounded up.
	 * @return the timeout as a duration; by default as configured, and without
	 * configuration there is none, except that of the transaction manager for
	 * transactional steps
	 */
	String timeout() default "";

	/**
	 * Whether the step and its transition are one transaction: what the step writes to
	 * the {@code DataSource} of the tasks, by JDBC, JPA or whatever else takes part in
	 * Spring's transactions, is committed together with the transition and thus exactly
	 * once. So are the tasks it enqueues. If the step throws, its lease is lost, the
	 * transaction is marked rollback-only or cannot be committed, nothing of it stays;
	 * the failure is recorded and the step retried like any other.
	 * <p>
	 * Such a step holds a connection for as long as it runs, and costs a commit of its
	 * own. It is called by the worker inside of the transaction and need not be
	 * {@code @Transactional} itself.
	 * @return whether the step is transactional
	 */
	boolean transactional() default false;

	/**
	 * The isolation level of a transactional step.
	 * @return the isolation level
	 */
	Isolation isolation() default Isolation.DEFAULT;

	/**
	 * Whether a transactional step only reads: it sees one consistent state of the
	 * database if its isolation level says so, and every write fails. Since there is
	 * nothing to commit together with it, its transition is saved like that of other
	 * steps.
	 * @return whether the transaction is read-only
	 */
	boolean readOnly() default false;

}
