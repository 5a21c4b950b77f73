package io.pgtask;

/**
 * How the delays between the attempts of a step grow.
 */
public enum Backoff {

	/**
	 * As configured; without configuration {@link #EXPONENTIAL} if there is a multiplier,
	 * and otherwise {@link #CONSTANT}.
	 */
	DEFAULT,

	/** Every delay is the same. */
	CONSTANT,

	/** Retry {@code n} comes after {@code n} times the delay. */
	LINEAR,

	/** Every delay is a multiple of the one before. */
	EXPONENTIAL

}
