package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.pgtask.store.Transition;

/**
 * Failed attempts that wait a moment for others of their kind while there is something
 * else to save. They take a statement of their own, whose price hardly depends on their
 * number: with a few of them in every batch, those who fail would slow down those who do
 * not by more than their share.
 */
final class GatheredFailures {

	private static final int ENOUGH = 100;

	private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	/** What is tried again sooner is in a hurry. */
	private static final Duration UNHURRIED = Duration.ofMillis(500);

	private final LongSupplier clock;

	private final List<Outcome> gathered = new ArrayList<>();

	private long sinceNanos;

	/**
	 * Create a place for failures.
	 * @param clock tells nanoseconds since any moment
	 */
	GatheredFailures(LongSupplier clock) {
		this.clock = clock;
	}

	/**
	 * Take the failures out of a batch that has something else in it, and put all of them
	 * into it when they have waited for long enough, or nothing else is there.
	 * @param batch the outcomes that are to be saved, possibly none
	 */
	synchronized void sift(List<Outcome> batch) {
		List<Outcome> others = new ArrayList<>(batch.size());
		for (Outcome outcome : batch) {
			if (isUnhurriedFailure(outcome)) {
				gather(outcome);
			}
			else {
				others.add(outcome);
			}
		}
		boolean alone = others.isEmpty() && !batch.isEmpty();
		batch.clear();
		batch.addAll(others);
		if (alone || this.gathered.size() >= ENOUGH || remainingNanos(LONGEST_NANOS) <= 0) {
			batch.addAll(this.gathered);
			this.gathered.clear();
		}
	}

	private void gather(Outcome outcome) {
		if (this.gathered.isEmpty()) {
			this.sinceNanos = this.clock.getAsLong();
		}
		this.gathered.add(outcome);
	}

	/**
	 * Return how long to wait for other outcomes.
	 * @param longest the answer if no failure waits
	 */
	synchronized long remainingNanos(long longest) {
		if (this.gathered.isEmpty()) {
			return longest;
		}
		return Math.min(longest, this.sinceNanos + LONGEST_NANOS - this.clock.getAsLong());
	}

	private static boolean isUnhurriedFailure(Outcome outcome) {
		if (outcome.kind() == StepOutcome.ERRORED) {
			return true;
		}
		return outcome.kind() == StepOutcome.RETRIED && outcome.transition() instanceof Transition.Release release
				&& release.delay() != null && release.delay().compareTo(UNHURRIED) >= 0;
	}

}
