package io.pgtask.worker;

import java.time.Duration;
import java.util.List;

import io.pgtask.store.DueHead;
import org.jspecify.annotations.Nullable;

/**
 * How far back a survey looks. Below the first task of a type lie the dead index entries
 * of those that were before it, and while an old snapshot somewhere keeps them from being
 * removed, walking over them may take longer than a hundred claims. So only some surveys
 * do: they find what has become visible late, was dated back, or has lost its error.
 */
final class Lookback {

	/** Looking at everything gets this part of the time at most, but happens. */
	private static final int SHARE = 20;

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

	/** How late a task may become visible and still be found by every survey. */
	private static final Duration LAG = Duration.ofSeconds(1);

	/** What is older is always looked at together with everything. */
	private static final Duration LONGEST = Duration.ofDays(3650);

	/** How old the oldest task was that the latest survey has seen. */
	private Duration age = Duration.ZERO;

	private long surveyNanos = System.nanoTime();

	private long sweepNanos = this.surveyNanos;

	private long sweepTookNanos;

	/**
	 * Return how far back the next survey is to look.
	 * @return the time, or {@code null} to look at everything
	 */
	@Nullable Duration next() {
		if (untilSweep().isZero() || this.age.compareTo(LONGEST) > 0) {
			return null;
		}
		return this.age.plusNanos(System.nanoTime() - this.surveyNanos).plus(LAG);
	}

	/**
	 * Return how long until everything is looked at again.
	 * @return the time
	 */
	Duration untilSweep() {
		long pause = Math.min(SHARE * this.sweepTookNanos, LONGEST_PAUSE.toNanos());
		return Duration.ofNanos(Math.max(0, this.sweepNanos + pause - System.nanoTime()));
	}

	/** The next survey is to look at everything, however long that took. */
	void lookAtEverything() {
		this.sweepTookNanos = 0;
	}

	/**
	 * Take over what a survey found.
	 * @param back how far back it looked, or {@code null} if it looked at everything
	 * @param heads what it found
	 * @param beginNanos when it began
	 */
	void surveyed(@Nullable Duration back, List<DueHead> heads, long beginNanos) {
		if (back == null) {
			this.sweepNanos = System.nanoTime();
			this.sweepTookNanos = this.sweepNanos - beginNanos;
		}
		this.surveyNanos = beginNanos;
		this.age = Duration.ZERO;
		for (DueHead head : heads) {
			Duration headAge = head.dueIn().negated();
			if (head.taskType() != null && headAge.compareTo(this.age) > 0) {
				this.age = headAge;
			}
		}
	}

}
