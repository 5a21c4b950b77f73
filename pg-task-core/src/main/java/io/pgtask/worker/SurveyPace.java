package io.pgtask.worker;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When to look at the whole table again: at once where nothing else is to be done, and
 * beside a backlog the sooner, the more urgent the reason is.
 */
final class SurveyPace {

	/** How often to look for other types and priorities while there is enough to do. */
	private static final Duration UNASKED = Duration.ofSeconds(2);

	/** How long wake-ups are gathered while there is enough to do. */
	private static final Duration ASKED = Duration.ofMillis(5);

	/** The same for own releases, which have seldom to run at once. */
	private static final Duration RELEASED = Duration.ofMillis(100);

	private final LongSupplier clock;

	private volatile boolean asked = true;

	private volatile boolean released;

	private long endNanos;

	/**
	 * Create a pace.
	 * @param clock tells nanoseconds since any moment
	 */
	SurveyPace(LongSupplier clock) {
		this.clock = clock;
		this.endNanos = clock.getAsLong();
	}

	/** Something has changed in the table. */
	void ask() {
		this.asked = true;
	}

	/** Tasks of this worker have become free, and are due now or later. */
	void released() {
		this.released = true;
	}

	/** A survey begins, and may not see what comes from now on. */
	void begin() {
		this.asked = false;
		this.released = false;
	}

	void end() {
		this.endNanos = this.clock.getAsLong();
	}

	/** Return whether the latest survey does not know of everything. */
	boolean isWanted() {
		return this.asked || this.released;
	}

	/** Return whether it is time for a survey although there is enough to do. */
	boolean isDueBesideBacklog() {
		return this.clock.getAsLong() - this.endNanos > pause().toNanos();
	}

	private Duration pause() {
		if (this.asked) {
			return ASKED;
		}
		return this.released ? RELEASED : UNASKED;
	}

}
