package io.pgtask.worker;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

import io.pgtask.StepTimeoutException;
import io.pgtask.registry.StepDefinition;
import io.pgtask.store.Transition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Interrupts steps whose time is over, and goes on without those that ignore their
 * interruption, also where somebody has asked to cancel their task.
 */
final class TimeoutWatch {

	private static final Logger logger = LoggerFactory.getLogger(TimeoutWatch.class);

	private final Duration grace;

	private final Holdings holdings;

	private final Slots slots;

	private final FailureOutcomes failures;

	private final WorkerEvents events;

	private final Consumer<Outcome> outcomes;

	TimeoutWatch(Duration grace, Holdings holdings, Slots slots, FailureOutcomes failures, WorkerEvents events,
			Consumer<Outcome> outcomes) {
		this.grace = grace;
		this.holdings = holdings;
		this.slots = slots;
		this.failures = failures;
		this.events = events;
		this.outcomes = outcomes;
	}

	void look() {
		for (Execution execution : this.holdings.all()) {
			if (execution.timeOut()) {
				logger.debug("The step of task {} is interrupted, because its time is over", execution.id());
			}
			else if (execution.clock().isTimedOut() || execution.isCancelRequested()) {
				Thread thread = this.slots.abandon(execution, this.grace);
				if (thread != null) {
					goOnWithout(execution, thread);
				}
			}
		}
	}

	private void goOnWithout(Execution execution, Thread thread) {
		StepDefinition step = Objects.requireNonNull(execution.clock().step());
		this.events.stuck(step.taskType(), step.step());
		this.outcomes.accept(execution.isCancelRequested() ? endWithout(execution, step, thread)
				: failWithout(execution, step, thread));
	}

	/** Its row knows that it is to be cancelled, and ends with whatever is saved. */
	private Outcome endWithout(Execution execution, StepDefinition step, Thread thread) {
		CancellationException place = new CancellationException("the task is cancelled");
		place.setStackTrace(thread.getStackTrace());
		logger.error(
				"Step {} of task {} ({}) has ignored for {} that its task is cancelled and that it was interrupted. The"
						+ " task ends without it, and its thread {} is left alone; this is where it is",
				step.step(), execution.id(), step.taskType(), this.grace, thread.getName(), place);
		Duration took = Duration.ofNanos(System.nanoTime() - execution.waitingSinceNanos());
		return new Outcome(execution, new Transition.GiveBack(execution.id(), execution.token()),
				StepOutcome.GIVEN_BACK, step.step(), took);
	}

	private Outcome failWithout(Execution execution, StepDefinition step, Thread thread) {
		Duration timeout = Objects.requireNonNull(step.timeout());
		StepTimeoutException failure = new StepTimeoutException(timeout, null);
		failure.setStackTrace(thread.getStackTrace());
		logger.error(
				"Step {} of task {} ({}) has ignored for {} that its time is over and that it was interrupted. The"
						+ " task goes on without it, and its thread {} is left alone; this is where it is",
				step.step(), execution.id(), step.taskType(), this.grace, thread.getName(), failure);
		return this.failures.failed(execution, step, failure, timeout.plus(this.grace));
	}

}
