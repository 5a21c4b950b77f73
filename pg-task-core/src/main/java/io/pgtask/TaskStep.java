package io.pgtask;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;
import org.springframework.stereotype.Component;

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

}
