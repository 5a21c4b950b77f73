package io.pgtask.worker;

import java.time.Duration;

/**
 * How fast the steps of this worker run, and therefore how many tasks to claim ahead of
 * the free slots: as much as they finish in a tenth of a second. Slow steps are claimed
 * one by one, where any worker may take them; fast ones by the hundred, because the size
 * of a batch is what throughput is made of.
 */
final class Pace {

	static final int MOST_AHEAD = 1000;

	private static final double AHEAD_NANOS = Duration.ofMillis(100).toNanos();

	/** About what claiming one task of a batch takes on one connection. */
	private static final double CLAIM_NANOS = 30_000;

	/** The weight of the newest duration: about the last ten steps count. */
	private static final double WEIGHT = 0.1;

	private final int concurrency;

	// Written by many threads without a lock: a lost update only delays the estimate.
	private volatile double averageNanos = AHEAD_NANOS;

	Pace(int concurrency) {
		this.concurrency = concurrency;
	}

	void stepTook(long nanos) {
		this.averageNanos += WEIGHT * (nanos - this.averageNanos);
	}

	/** Tasks have waited longer than promised: start again from one at a time. */
	void reset() {
		this.averageNanos = AHEAD_NANOS;
	}

	/**
	 * Return how many tasks may wait for a slot.
	 * @return the number of tasks
	 */
	int ahead() {
		double perSlot = AHEAD_NANOS / Math.max(this.averageNanos, 1.0);
		return (int) Math.min(MOST_AHEAD, (perSlot >= 2.0) ? this.concurrency * perSlot : 0);
	}

	/**
	 * Return whether the slots work off tasks faster than one connection claims them.
	 * Steps that fast cannot be using the database, and do not miss a connection.
	 * @return whether claiming is what the slots wait for
	 */
	boolean outrunsClaims() {
		return this.averageNanos < this.concurrency * CLAIM_NANOS;
	}

}
