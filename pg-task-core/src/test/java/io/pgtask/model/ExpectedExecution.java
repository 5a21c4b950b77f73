package io.pgtask.model;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What a worker should remember of a task that it has claimed. The row may have changed
 * since.
 */
final class ExpectedExecution {

	final UUID id;

	final UUID token;

	final TaskKind kind;

	int at;

	int tried;

	int delivery;

	int postponed;

	final boolean reserved;

	final boolean expired;

	final boolean cancelRequested;

	/** As far as the worker knows. */
	long leaseEnd;

	/** What becomes of the step once that is saved; it waits to be run until there is. */
	@Nullable ExpectedOutcome outcome;

	ExpectedExecution(ExpectedTask task, UUID token, long now, long leaseEnd) {
		this.id = task.id;
		this.token = token;
		this.kind = task.kind;
		this.at = task.at;
		this.tried = task.tried;
		this.delivery = task.delivery;
		this.postponed = task.postponed;
		this.reserved = task.reserved;
		this.expired = task.hasExpired(now);
		this.cancelRequested = task.cancelRequested;
		this.leaseEnd = leaseEnd;
	}

	/** Whether its step is being run right now. */
	boolean running;

	/** Whether the worker has heard while the step ran that its task is to end. */
	boolean cancelHeard;

	boolean isWaiting() {
		return this.outcome == null && !this.running;
	}

	/** Go on to the next step. */
	void advance() {
		this.at++;
		this.tried = 0;
		this.delivery = 1;
		this.postponed = 0;
		this.outcome = null;
	}

}
