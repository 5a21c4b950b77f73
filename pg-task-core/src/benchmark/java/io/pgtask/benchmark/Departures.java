package io.pgtask.benchmark;

import java.io.Serializable;

/**
 * When tasks were enqueued, by the machine's clock and the number of the task. Those of a
 * group have the same times.
 */
final class Departures implements Serializable {

	private static final long serialVersionUID = 1L;

	private final long[] scheduled;

	private final long[] called;

	private final long[] committed;

	Departures(int tasks) {
		this.scheduled = new long[tasks];
		this.called = new long[tasks];
		this.committed = new long[tasks];
	}

	/** Note a group of tasks, of which the first one has the given number. */
	void add(int first, int tasks, long scheduled, long called, long committed) {
		for (int number = first; number < first + tasks; number++) {
			this.scheduled[number] = scheduled;
			this.called[number] = called;
			this.committed[number] = committed;
		}
	}

	/** Return when the tasks should have been enqueued. */
	long[] scheduled() {
		return this.scheduled;
	}

	/** Return when enqueuing them began. */
	long[] called() {
		return this.called;
	}

	/** Return when their transactions were committed. */
	long[] committed() {
		return this.committed;
	}

	/**
	 * How to enqueue.
	 *
	 * @param intervalNanos the time between two groups
	 * @param group how many tasks to enqueue together; with 1, the interval varies by
	 * half in both directions, so that it never beats in time with a poll
	 */
	record Pace(long intervalNanos, int group) implements Serializable {
	}

}
