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
 * {@code n} (from 1) is {@code min(retryDelay * retryMultiplier^(n-1), retryMaxDelay)},
 * of which the share {@code retryJitter} is random. All strings may contain
 * {@code ${...}} placeholders and are durations in Spring Boot's simple ({@code 5s}) or
 * in ISO-8601 format ({@code PT5S}).
 */
@Documented
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Component
public @interface TaskStep {

	/**
	 * The name of the bean, as in {@link Component#value()}; no part of what is
	 * persisted.
	 * @return the name of the bean, or an empty string for the default
	 */
	@AliasFor(annotation = Component.class)
	String value() default "";

	/**
	 * How often a failed step is tried again before the task is parked with its error.
	 * @return the number of retries, 0 or more
	 */
	int maxRetries() default 0;

	/**
	 * The delay before the first retry.
	 * @return the delay as a duration
	 */
	String retryDelay() default "1s";

	/**
	 * The factor by which the delay grows from retry to retry.
	 * @return the multiplier, 1 or more
	 */
	double retryMultiplier() default 1.0;

	/**
	 * The longest delay.
	 * @return the cap as a duration, or an empty string for none
	 */
	String retryMaxDelay() default "";

	/**
	 * The share of every delay that is random, so that tasks that failed together do not
	 * come back together.
	 * @return the share, between 0 and 1
	 */
	double retryJitter() default 0.0;

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
	 * How long the transaction of a transactional step may take, in whole seconds,
	 * rounded up. Every statement of the step gets what is left of it, and a step that
	 * returns later has failed.
	 * @return the timeout as a duration, or an empty string for that of the transaction
	 * manager
	 */
	String timeout() default "";

	/**
	 * Whether a transactional step only reads: it sees one consistent state of the
	 * database if its isolation level says so, and every write fails. Since there is
	 * nothing to commit together with it, its transition is saved like that of other
	 * steps.
	 * @return whether the transaction is read-only
	 */
	boolean readOnly() default false;

}
