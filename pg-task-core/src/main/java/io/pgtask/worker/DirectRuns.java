package io.pgtask.worker;

import java.time.Duration;
import java.util.function.Predicate;

import io.pgtask.store.ClaimedTask;

/**
 * Takes on tasks whose rows were inserted with a lease of this worker and are there for
 * certain. From then on they are as if they had been claimed.
 */
final class DirectRuns {

	private final Duration leaseTimeout;

	private final Holdings holdings;

	private final Slots slots;

	private final Predicate<String> yielding;

	private final WorkerEvents events;

	/**
	 * Create direct runs.
	 * @param parts those of the worker
	 * @param holdings is told what the worker has
	 * @param slots where the tasks are to run
	 * @param yielding whether nothing of a task type must start here, because the worker
	 * stops or the type is paused
	 */
	DirectRuns(WorkerParts parts, Holdings holdings, Slots slots, Predicate<String> yielding) {
		this.leaseTimeout = parts.settings().leaseTimeout();
		this.events = parts.events();
		this.holdings = holdings;
		this.slots = slots;
		this.yielding = yielding;
	}

	/**
	 * Run a task now.
	 * @param task its row
	 * @param sentNanos when its lease began at the earliest
	 * @return whether the worker has it; otherwise it is to be given back
	 */
	boolean run(ClaimedTask task, long sentNanos) {
		if (!isInTime(sentNanos)) {
			return false;
		}
		Execution execution = new Execution(task, Lease.sentAt(sentNanos, this.leaseTimeout, task.leaseExpiresAt()));
		// Before it is asked whether the worker stops or the type is paused, so that
		// either of the two sees it.
		this.holdings.add(execution);
		if (!this.yielding.test(task.taskType()) && this.slots.addToFree(execution)) {
			this.events.claimed(1);
			return true;
		}
		boolean withdrawn = execution.withdraw();
		if (withdrawn) {
			this.holdings.remove(execution);
		}
		return !withdrawn;
	}

	/**
	 * Whether at least half of a lease is left, so that whatever follows finds it alive.
	 */
	boolean isInTime(long sentNanos) {
		return System.nanoTime() - sentNanos <= this.leaseTimeout.toNanos() / 2;
	}

}
