package io.pgtask;

import java.time.Duration;
import java.util.Objects;

/**
 * The one rule for a delay, shared by {@link NextStep} and the implementations of
 * {@link TaskClient}.
 */
public final class Delays {

	private Delays() {
	}

	/**
	 * Refuse a delay that cannot be waited for.
	 * @param delay the delay to check
	 * @return the delay
	 * @throws NullPointerException if the delay is {@code null}
	 * @throws IllegalArgumentException if the delay is negative
	 */
	public static Duration requireNotNegative(Duration delay) {
		Objects.requireNonNull(delay, "The delay must not be null; use Duration.ZERO to run at once");
		if (delay.isNegative()) {
			throw new IllegalArgumentException(
					"The delay must not be negative but is " + delay + "; use Duration.ZERO to run at once");
		}
		return delay;
	}

}
