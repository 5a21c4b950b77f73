package io.pgtask.registry;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import io.pgtask.Backoff;
import io.pgtask.RetrySettings;
import org.jspecify.annotations.Nullable;

import org.springframework.core.retry.RetryPolicy;

/**
 * What one source says about how a step is run: an annotation, or the properties of a
 * step, of a task type or of all steps. What is {@code null} is left to the next source.
 *
 * @param maxRetries how often a failed step is tried again
 * @param retryBackoff how the delay grows from retry to retry
 * @param retryDelay the delay before the first retry
 * @param retryMultiplier the factor by which an exponential delay grows; without a
 * back-off it asks for {@link Backoff#EXPONENTIAL}
 * @param retryMaxDelay the longest delay
 * @param retryJitter the share of every delay that is random
 * @param retryFor the exceptions that are retried
 * @param noRetryFor the exceptions that are never retried
 * @param retryPolicy the name of the policy that decides instead of all these
 * @param timeout how long an attempt may take
 */
public record StepOptions(@Nullable Integer maxRetries, @Nullable Backoff retryBackoff, @Nullable Duration retryDelay,
		@Nullable Double retryMultiplier, @Nullable Duration retryMaxDelay, @Nullable Double retryJitter,
		@Nullable List<Class<? extends Throwable>> retryFor, @Nullable List<Class<? extends Throwable>> noRetryFor,
		@Nullable String retryPolicy, @Nullable Duration timeout) {

	/** Says nothing. */
	public static final StepOptions NONE = new StepOptions(null, null, null, null, null, null, null, null, null, null);

	private static final double DEFAULT_MULTIPLIER = 2.0;

	public StepOptions {
		if (retryBackoff == Backoff.DEFAULT) {
			retryBackoff = null;
		}
		if (retryBackoff == null && retryMultiplier != null) {
			retryBackoff = (retryMultiplier == 1.0) ? Backoff.CONSTANT : Backoff.EXPONENTIAL;
		}
		if (retryPolicy != null && retryPolicy.isBlank()) {
			retryPolicy = null;
		}
	}

	/**
	 * Fill the gaps from another source. A policy takes the place of all that a weaker
	 * source says about retries, and gives way to anything that a stronger one says.
	 * @param weaker what holds where this says nothing
	 * @return what both say
	 */
	public StepOptions over(StepOptions weaker) {
		StepOptions below = saysOfRetries() && (this.retryPolicy != null || weaker.retryPolicy != null)
				? weaker.withoutRetries() : weaker;
		return new StepOptions(first(this.maxRetries, below.maxRetries), first(this.retryBackoff, below.retryBackoff),
				first(this.retryDelay, below.retryDelay), first(this.retryMultiplier, below.retryMultiplier),
				first(this.retryMaxDelay, below.retryMaxDelay), first(this.retryJitter, below.retryJitter),
				first(this.retryFor, below.retryFor), first(this.noRetryFor, below.noRetryFor),
				first(this.retryPolicy, below.retryPolicy), first(this.timeout, below.timeout));
	}

	private static <T> @Nullable T first(@Nullable T strong, @Nullable T weak) {
		return (strong != null) ? strong : weak;
	}

	private boolean saysOfRetries() {
		return this.retryPolicy != null || saysOfDelays();
	}

	private boolean saysOfDelays() {
		return Stream
			.of(this.maxRetries, this.retryBackoff, this.retryDelay, this.retryMultiplier, this.retryMaxDelay,
					this.retryJitter, this.retryFor, this.noRetryFor)
			.anyMatch((option) -> option != null);
	}

	private StepOptions withoutRetries() {
		return new StepOptions(null, null, null, null, null, null, null, null, null, this.timeout);
	}

	/**
	 * Return how a step with these options is retried.
	 * @param policies knows the policies by their names
	 * @return the settings
	 * @throws IllegalArgumentException if an option makes no sense
	 */
	RetrySettings retry(RetryPolicies policies) {
		if (this.retryPolicy != null) {
			if (saysOfDelays()) {
				throw new IllegalArgumentException("retryPolicy '" + this.retryPolicy
						+ "' decides alone, but other options about retries are set beside it");
			}
			return RetrySettings.of(policies.get(this.retryPolicy));
		}
		RetrySettings otherwise = RetrySettings.DEFAULT;
		Backoff backoff = (this.retryBackoff != null) ? this.retryBackoff : otherwise.backoff();
		return new RetrySettings(or(this.maxRetries, otherwise.maxRetries()), backoff,
				or(this.retryDelay, otherwise.delay()), multiplier(backoff), this.retryMaxDelay,
				or(this.retryJitter, otherwise.jitter()), Set.copyOf(or(this.retryFor, List.of())),
				Set.copyOf(or(this.noRetryFor, List.of())), null);
	}

	/** Where it has no effect, it does not make two settings different. */
	private double multiplier(Backoff backoff) {
		if (this.retryMultiplier != null && !(this.retryMultiplier >= 1.0)) {
			return this.retryMultiplier;
		}
		return (backoff == Backoff.EXPONENTIAL) ? or(this.retryMultiplier, DEFAULT_MULTIPLIER) : 1.0;
	}

	private static <T> T or(@Nullable T value, T otherwise) {
		return (value != null) ? value : otherwise;
	}

	/**
	 * Knows retry policies by their names.
	 */
	@FunctionalInterface
	public interface RetryPolicies {

		/** Knows none. */
		RetryPolicies NONE = (name) -> {
			throw new IllegalArgumentException(
					"retryPolicy '" + name + "' is the name of a bean, but there are no beans here");
		};

		/**
		 * Return a policy.
		 * @param name its name
		 * @return the policy
		 * @throws IllegalArgumentException if there is none of the name
		 */
		RetryPolicy get(String name);

	}

}
