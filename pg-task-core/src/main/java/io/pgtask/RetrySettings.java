package io.pgtask;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

import org.springframework.core.retry.RetryPolicy;
import org.springframework.util.backoff.BackOffExecution;

/**
 * How a failed step is retried. The names are those of {@link RetryPolicy};
 * {@link TaskStep} has the formula.
 *
 * @param maxRetries how often a failed step is tried again, 0 or more
 * @param backoff how the delay grows from retry to retry
 * @param delay the delay before the first retry, not negative
 * @param multiplier the factor by which an exponential delay grows, 1 or more
 * @param maxDelay the longest delay, or {@code null} for none
 * @param jitter the share of every delay that is random, between 0 and 1
 * @param retryFor the exceptions that are retried, as such or as a cause; all if empty
 * @param noRetryFor the exceptions that are never retried, as such or as a cause
 * @param policy what decides instead of all the others, or {@code null}
 */
public record RetrySettings(int maxRetries, Backoff backoff, Duration delay, double multiplier,
		@Nullable Duration maxDelay, double jitter, Set<Class<? extends Throwable>> retryFor,
		Set<Class<? extends Throwable>> noRetryFor, @Nullable RetryPolicy policy) {

	/**
	 * No retry, and a second between attempts once retries are allowed.
	 */
	public static final RetrySettings DEFAULT = new RetrySettings(0, Duration.ofSeconds(1), 1.0, null, 0.0);

	/** A delay no task outlives; keeps the arithmetic inside a {@code long}. */
	private static final Duration LONGEST = Duration.ofDays(36500);

	public RetrySettings {
		require(maxRetries >= 0, "maxRetries must be 0 or more but is " + maxRetries);
		require(backoff != Backoff.DEFAULT, "The backoff must be CONSTANT, LINEAR or EXPONENTIAL");
		Objects.requireNonNull(delay, "The retry delay must not be null");
		require(!delay.isNegative(), "The retry delay must not be negative but is " + delay);
		require(multiplier >= 1.0 && Double.isFinite(multiplier),
				"The retry multiplier must be 1 or more but is " + multiplier);
		require(maxDelay == null || !maxDelay.isNegative(),
				"The longest delay must not be negative but is " + maxDelay);
		require(jitter >= 0.0 && jitter <= 1.0, "The jitter must be between 0 and 1 but is " + jitter);
		require(policy == null || policy.getTimeout().isZero(),
				"A retry policy with a timeout cannot be kept, because a task may wait anywhere between its attempts;"
						+ " give it a maximum of retries instead");
		retryFor = Set.copyOf(retryFor);
		noRetryFor = Set.copyOf(noRetryFor);
	}

	/**
	 * Create settings that retry whatever the failure: with a constant delay if the
	 * multiplier is 1, and otherwise with an exponential one.
	 * @param maxRetries how often a failed step is tried again, 0 or more
	 * @param delay the delay before the first retry, not negative
	 * @param multiplier the factor by which the delay grows from retry to retry, 1 or
	 * more
	 * @param maxDelay the longest delay, or {@code null} for none
	 * @param jitter the share of every delay that is random, between 0 and 1
	 */
	public RetrySettings(int maxRetries, Duration delay, double multiplier, @Nullable Duration maxDelay,
			double jitter) {
		this(maxRetries, (multiplier == 1.0) ? Backoff.CONSTANT : Backoff.EXPONENTIAL, delay, multiplier, maxDelay,
				jitter, Set.of(), Set.of(), null);
	}

	/**
	 * Let a policy decide.
	 * @param policy is asked after every failed attempt, by many threads at once; its
	 * back-off is started anew each time
	 * @return the settings
	 * @throws IllegalArgumentException if the policy has a timeout
	 */
	public static RetrySettings of(RetryPolicy policy) {
		return new RetrySettings(0, Backoff.CONSTANT, Duration.ZERO, 1.0, null, 0.0, Set.of(), Set.of(), policy);
	}

	/**
	 * Return whether a failure may be retried, as far as its type is concerned.
	 * @param failure the failure
	 * @return whether it is of a kind that another attempt may mend
	 */
	public boolean isRetryable(Throwable failure) {
		if (CauseChain.contains(failure, FatalStepException.class)) {
			return false;
		}
		if (this.policy != null) {
			return this.policy.shouldRetry(failure);
		}
		return (this.retryFor.isEmpty() || CauseChain.containsAny(failure, this.retryFor))
				&& !CauseChain.containsAny(failure, this.noRetryFor);
	}

	/**
	 * Return the delay before the next attempt, random by the share of the jitter.
	 * @param failedAttempts the number of failed attempts so far, from 1
	 * @return the delay, or {@code null} if no retry is left
	 */
	public @Nullable Duration delayAfter(int failedAttempts) {
		if (this.policy != null) {
			return delayAfter(failedAttempts, this.policy);
		}
		return allowsRetryAfter(failedAttempts) ? delayBefore(failedAttempts) : null;
	}

	private static @Nullable Duration delayAfter(int failedAttempts, RetryPolicy policy) {
		BackOffExecution backOff = policy.getBackOff().start();
		long millis = 0;
		for (int retry = 1; retry <= failedAttempts; retry++) {
			millis = backOff.nextBackOff();
			if (millis == BackOffExecution.STOP) {
				return null;
			}
		}
		return Duration.ofMillis(Math.max(0, millis));
	}

	/**
	 * Return whether the limit allows another attempt.
	 * @param failedAttempts the number of failed attempts so far, from 1
	 * @return whether to retry
	 */
	public boolean allowsRetryAfter(int failedAttempts) {
		return failedAttempts <= this.maxRetries;
	}

	/**
	 * Return the delay before a retry, random by the share of the jitter.
	 * @param retry the number of the retry, from 1
	 * @return the delay
	 */
	public Duration delayBefore(int retry) {
		Duration longest = longestDelayBefore(Math.max(1, retry));
		if (this.jitter == 0.0) {
			return longest;
		}
		double share = 1.0 - this.jitter * ThreadLocalRandom.current().nextDouble();
		return ofNanos(toNanos(longest) * share);
	}

	private Duration longestDelayBefore(int retry) {
		Duration cap = (this.maxDelay != null) ? this.maxDelay : LONGEST;
		double nanos = toNanos(this.delay) * factor(retry);
		return (nanos < toNanos(cap)) ? ofNanos(nanos) : cap;
	}

	private double factor(int retry) {
		return switch (this.backoff) {
			case LINEAR -> retry;
			case EXPONENTIAL -> Math.pow(this.multiplier, retry - 1.0);
			default -> 1.0;
		};
	}

	private static double toNanos(Duration duration) {
		return duration.getSeconds() * 1e9 + duration.getNano();
	}

	private static Duration ofNanos(double nanos) {
		long seconds = (long) (nanos / 1e9);
		return Duration.ofSeconds(seconds, Math.round(nanos - seconds * 1e9));
	}

	private static void require(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}

}
