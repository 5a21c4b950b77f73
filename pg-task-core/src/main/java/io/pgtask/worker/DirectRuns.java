package io.pgtask.worker;

import java.time.Duration;
import java.util.function.BooleanSupplier;

import io.pgtask.store.ClaimedTask;

/**
 * Takes on tasks whose rows were inserted with a lease of this worker and are there for
 * certain. From then on they are as if they had been claimed.
 */
final class DirectRuns {

	private final Duration leaseTimeout;

	private final Holdings holdings;

	private final Slots slots;

	private final BooleanSupplier stopping;

	private final WorkerEvents events;

	DirectRuns(WorkerParts parts, Holdings holdings, Slots slots, BooleanSupplier stopping) {
		this.leaseTimeout = parts.settings().leaseTimeout();
		this.events = parts.events();
		this.holdings = holdings;
		this.slots = slots;
		this.stopping = stopping;
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
		// Before the worker is asked whether it stops, so that either of the two sees it.
		this.holdings.add(execution);
		if (!this.stopping.getAsBoolean() && this.slots.addToFree(execution)) {
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
