package io.pgtask.model;

import java.time.Duration;
import java.util.Set;

import io.pgtask.RetrySettings;
import io.pgtask.TaskOutcome;
import io.pgtask.worker.FailureSettings;

/**
 * What a worker should make of a step that is to be run.
 */
final class ExpectedSteps {

	static final int MAX_DELIVERIES = 3;

	private static final int MAX_RETRIES = 2;

	private static final int RETRY_HOURS = 1;

	private static final int MAX_POSTPONED = 2;

	/** How many failed attempts are kept. */
	static final int MAX_KEPT = 3;

	static final RetrySettings RETRY = new RetrySettings(MAX_RETRIES, Duration.ofHours(RETRY_HOURS), 1.0, null, 0.0);

	static final FailureSettings FAILURES = new FailureSettings(MAX_KEPT, false, MAX_POSTPONED, Duration.ofHours(1));

	private final boolean recordsEnds;

	/**
	 * Create steps.
	 * @param recordsEnds whether there is a history, so that a task may end by expiring
	 */
	ExpectedSteps(boolean recordsEnds) {
		this.recordsEnds = recordsEnds;
	}

	/**
	 * Run a step.
	 * @param knownToBePaused the types of which the worker starts no other step
	 */
	ExpectedOutcome run(ExpectedExecution execution, Ending ending, Set<TaskKind> knownToBePaused) {
		if (execution.cancelRequested) {
			return new ExpectedOutcome.GiveBack();
		}
		if (execution.reserved) {
			return new ExpectedOutcome.End(TaskOutcome.LAPSED);
		}
		if (execution.expired) {
			return this.recordsEnds ? new ExpectedOutcome.End(TaskOutcome.EXPIRED)
					: new ExpectedOutcome.Park(execution.tried, execution.delivery, false);
		}
		if (execution.delivery - 1 - execution.tried >= MAX_DELIVERIES) {
			return new ExpectedOutcome.Park(execution.tried, execution.delivery, false);
		}
		if (execution.cancelHeard && ending.isFailure()) {
			return new ExpectedOutcome.GiveBack();
		}
		return end(execution, ending, knownToBePaused.contains(execution.kind));
	}

	private static ExpectedOutcome end(ExpectedExecution execution, Ending ending, boolean paused) {
		return switch (ending) {
			case DONE -> new ExpectedOutcome.End(TaskOutcome.DONE);
			case CANCEL -> new ExpectedOutcome.End(TaskOutcome.CANCELLED);
			case NOW -> paused ? new ExpectedOutcome.Next(0) : new ExpectedOutcome.Advance();
			case DELAY, AT -> new ExpectedOutcome.Next(Ending.HOURS);
			case RETRY -> failed(execution, Ending.HOURS);
			case THROW -> failed(execution, RETRY_HOURS);
			case THROW_FATAL, FAIL -> new ExpectedOutcome.Park(execution.tried + 1, execution.delivery, true);
			case LATER -> later(execution);
		};
	}

	private static ExpectedOutcome failed(ExpectedExecution execution, int delay) {
		int tried = execution.tried + 1;
		return (tried <= MAX_RETRIES) ? new ExpectedOutcome.Again(delay, tried, execution.delivery, true)
				: new ExpectedOutcome.Park(tried, execution.delivery, true);
	}

	private static ExpectedOutcome later(ExpectedExecution execution) {
		return (execution.postponed < MAX_POSTPONED)
				? new ExpectedOutcome.Again(Ending.HOURS, execution.tried, execution.delivery - 1, false)
				: new ExpectedOutcome.Park(execution.tried, execution.delivery, false);
	}

}
