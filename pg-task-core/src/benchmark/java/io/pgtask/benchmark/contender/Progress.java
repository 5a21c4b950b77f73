package io.pgtask.benchmark.contender;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * What the steps of a run do in every contender: note when each task started, wait or
 * throw if the workload says so, and count the tasks that have come to their end.
 */
public final class Progress {

	private final long stepNanos;

	private final int poisonEvery;

	private final AtomicLongArray starts;

	private final LongAdder finished = new LongAdder();

	/**
	 * Create the progress of a run.
	 * @param workload what the tasks look like
	 * @param tasks how many tasks there are
	 */
	public Progress(Workload workload, int tasks) {
		this.stepNanos = TimeUnit.MILLISECONDS.toNanos(workload.stepMillis());
		this.poisonEvery = workload.poisonEvery();
		this.starts = new AtomicLongArray(tasks);
	}

	/**
	 * Be the first step of a task.
	 * @param number the number of the task
	 * @throws IllegalStateException if the task is poison
	 */
	public void firstStep(int number) {
		this.starts.compareAndSet(number, 0, WallClock.nanos());
		if (this.poisonEvery > 0 && number % this.poisonEvery == 0) {
			throw new IllegalStateException("Task " + number + " is poison");
		}
		nextStep();
	}

	/**
	 * Be a later step of a task.
	 */
	public void nextStep() {
		if (this.stepNanos == 0) {
			return;
		}
		long end = System.nanoTime() + this.stepNanos;
		for (long left = this.stepNanos; left > 0; left = end - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

	/**
	 * Count tasks whose last step has run.
	 * @param tasks how many
	 */
	public void finished(int tasks) {
		this.finished.add(tasks);
	}

	/**
	 * Return how many tasks have come to their end, counting repetitions.
	 * @return the number
	 */
	public long finished() {
		return this.finished.sum();
	}

	/**
	 * Return when the tasks started.
	 * @return the time of the {@link WallClock} by the number of the task, 0 for those
	 * that have not
	 */
	public long[] starts() {
		long[] copy = new long[this.starts.length()];
		for (int i = 0; i < copy.length; i++) {
			copy[i] = this.starts.get(i);
		}
		return copy;
	}

}
