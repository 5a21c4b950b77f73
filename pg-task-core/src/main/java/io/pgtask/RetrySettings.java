package io.pgtask;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

/**
 * How a failed step is retried. The names are those of
 * {@code org.springframework.core.retry.RetryPolicy}; {@link TaskStep} has the formula.
 *
 * @param maxRetries how often a failed step is tried again, 0 or more
 * @param delay the delay before the first retry, not negative
 * @param multiplier the factor by which the delay grows from retry to retry, 1 or more
 * @param maxDelay the longest delay, or {@code null} for none
 * @param jitter the share of every delay that is random, between 0 and 1
 */
public record RetrySettings(int maxRetries, Duration delay, double multiplier, @Nullable Duration maxDelay,
		double jitter) {

	/**
	 * No retry, and a second between attempts once retries are allowed.
	 */
	public static final RetrySettings DEFAULT = new RetrySettings(0, Duration.ofSeconds(1), 1.0, null, 0.0);

	/** A delay no task outlives; keeps the arithmetic inside a {@code long}. */
	private static final Duration LONGEST = Duration.ofDays(36500);

	public RetrySettings {
		require(maxRetries >= 0, "maxRetries must be 0 or more but is " + maxRetries);
		Objects.requireNonNull(delay, "The retry delay must not be null");
		require(!delay.isNegative(), "The retry delay must not be negative but is " + delay);
		require(multiplier >= 1.0 && Double.isFinite(multiplier),
				"The retry multiplier must be 1 or more but is " + multiplier);
		require(maxDelay == null || !maxDelay.isNegative(),
				"The longest delay must not be negative but is " + maxDelay);
		require(jitter >= 0.0 && jitter <= 1.0, "The jitter must be between 0 and 1 but is " + jitter);
	}

	/**
	 * Return whether another attempt is allowed.
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
		Duration longest = longestDelayBefore(retry);
		if (this.jitter == 0.0) {
			return longest;
		}
		double share = 1.0 - this.jitter * ThreadLocalRandom.current().nextDouble();
		return ofNanos(toNanos(longest) * share);
	}

	private Duration longestDelayBefore(int retry) {
		Duration cap = (this.maxDelay != null) ? this.maxDelay : LONGEST;
		double nanos = toNanos(this.delay) * Math.pow(this.multiplier, Math.max(0, retry - 1));
		return (nanos < toNanos(cap)) ? ofNanos(nanos) : cap;
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
