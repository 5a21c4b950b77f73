package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

import io.pgtask.GateDecision;
import io.pgtask.InvalidStateException;
import io.pgtask.NextStep;
import io.pgtask.TaskOutcome;
import io.pgtask.codec.EncodedStep;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.ClaimedTask;
import io.pgtask.store.Transition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what a step returned or threw into the transition to write.
 */
final class Transitions {

	/**
	 * How long a chain of immediate steps keeps its claim. Then it queues up again, so
	 * that a task which never pauses cannot occupy a slot for ever.
	 */
	private static final Duration LONGEST_CHAIN = Duration.ofSeconds(1);

	private static final Logger logger = LoggerFactory.getLogger(Transitions.class);

	private final TaskRegistry registry;

	private final StepCodec codec;

	private final FailureOutcomes failures;

	private final Predicate<String> yielding;

	private final boolean endsExpired;

	/**
	 * Create transitions.
	 * @param registry the steps
	 * @param codec reads and writes their states
	 * @param failures decides about failed attempts
	 * @param yielding whether the next step of a task type must not start here at once
	 * @param endsExpired whether a task that has expired ends, because there is a record
	 * of that, rather than being parked
	 */
	Transitions(TaskRegistry registry, StepCodec codec, FailureOutcomes failures, Predicate<String> yielding,
			boolean endsExpired) {
		this.registry = registry;
		this.codec = codec;
		this.failures = failures;
		this.yielding = yielding;
		this.endsExpired = endsExpired;
	}

	/**
	 * The task is not to be started any more.
	 * @return what becomes of it instead, or {@code null} if it is to be started
	 */
	@Nullable Outcome unstarted(Execution execution) {
		if (execution.isCancelRequested()) {
			// Its row knows, and ends with whatever is saved.
			return Outcome.giveBack(execution);
		}
		String hold = execution.task().hold();
		if (ClaimedTask.RESERVED.equals(hold)) {
			logger.debug("The reservation of task {} of type {} has lapsed", execution.id(), execution.taskType());
			return new Outcome(execution, ended(execution, TaskOutcome.LAPSED), StepOutcome.LAPSED, "", Duration.ZERO);
		}
		if (hold != null) {
			return parked(execution, "", execution.tried(), "held back as '" + hold
					+ "', which this release of pg-task does not know; set \"hold\" and \"error\" to NULL to run the task",
					Duration.ZERO);
		}
		Instant deadline = execution.task().missedDeadline();
		if (deadline != null && this.endsExpired) {
			logger.warn("Task {} of type {} ends, because it was not started by {}", execution.id(),
					execution.taskType(), deadline);
			return new Outcome(execution, ended(execution, TaskOutcome.EXPIRED), StepOutcome.EXPIRED, "",
					Duration.ZERO);
		}
		if (deadline != null) {
			logger.warn("Task {} of type {} is parked, because it was not started by {}", execution.id(),
					execution.taskType(), deadline);
			Transition park = Transition.Release.park(execution.id(), execution.token(), execution.tried(),
					execution.delivery(), "expired: not started by " + deadline);
			return new Outcome(execution, park, StepOutcome.EXPIRED, "", Duration.ZERO);
		}
		return null;
	}

	private static Transition ended(Execution execution, TaskOutcome outcome) {
		return new Transition.Finish(execution.id(), execution.token(), outcome);
	}

	/**
	 * The step returned.
	 */
	Outcome returned(Execution execution, StepDefinition definition, @Nullable NextStep<?> next, Duration took) {
		if (next == null) {
			throw new IllegalStateException(
					"The step returned null instead of a transition; return NextStep.done() to end the task");
		}
		if (next instanceof NextStep.Done<?>) {
			return new Outcome(execution, new Transition.Finish(execution.id(), execution.token()), StepOutcome.DONE,
					definition.step(), took);
		}
		if (next instanceof NextStep.Cancel<?> cancel) {
			return cancelled(execution, definition, cancel.reason(), took);
		}
		if (next instanceof NextStep.Retry<?> retry) {
			return this.failures.retry(execution, definition, retry, took);
		}
		if (next instanceof NextStep.Fail<?> fail) {
			return this.failures.failedForGood(execution, definition, fail, took);
		}
		if (next instanceof NextStep.Later<?> later) {
			return this.failures.later(execution, definition, later, took);
		}
		return goneOn(execution, definition, next, took);
	}

	private Outcome cancelled(Execution execution, StepDefinition definition, String reason, Duration took) {
		logger.info("Task {} ({}) is cancelled at its step {}: {}", execution.id(), definition.taskType(),
				definition.step(), this.failures.log().told(reason));
		Transition cancel = new Transition.Finish(execution.id(), execution.token(), TaskOutcome.CANCELLED,
				ErrorText.storable(reason));
		return new Outcome(execution, cancel, StepOutcome.CANCELLED, definition.step(), took);
	}

	private Outcome goneOn(Execution execution, StepDefinition definition, NextStep<?> next, Duration took) {
		try {
			return new Outcome(execution, next(execution, definition, next), StepOutcome.NEXT, definition.step(), took);
		}
		catch (InvalidStateException ex) {
			this.failures.log().parked(execution, definition, "its next state cannot be written", ex);
			return this.failures.parkedAttempt(execution, definition,
					"can't serialize the next step: " + ErrorText.of(ex), ex, took);
		}
	}

	/**
	 * A gate does not let the step run.
	 */
	Outcome stopped(Execution execution, StepDefinition definition, GateDecision decision) {
		if (decision instanceof GateDecision.PutOff putOff) {
			Transition later = Transition.Release.postpone(execution.id(), execution.token(), putOff.delay(),
					putOff.instant(), execution.tried(), execution.delivery(), ErrorText.storable(putOff.reason()),
					false);
			return new Outcome(execution, later, StepOutcome.POSTPONED, definition.step(), Duration.ZERO);
		}
		if (decision instanceof GateDecision.Cancel cancel) {
			return cancelled(execution, definition, cancel.reason(), Duration.ZERO);
		}
		if (decision instanceof GateDecision.Refuse refuse) {
			logger.error("Task {} ({}) is parked, because a gate refuses its step {}: {}", execution.id(),
					definition.taskType(), definition.step(), this.failures.log().told(refuse.reason()));
			return parked(execution, definition.step(), execution.tried(), refuse.reason(), Duration.ZERO);
		}
		return new Outcome(execution, new Transition.Finish(execution.id(), execution.token()), StepOutcome.DONE,
				definition.step(), Duration.ZERO);
	}

	private Transition next(Execution execution, StepDefinition definition, NextStep<?> next) {
		if (next instanceof NextStep.Now<?> now) {
			return now(execution, encode(definition, now.state()));
		}
		if (next instanceof NextStep.Delay<?> delay) {
			return later(execution, encode(definition, delay.state()), delay.delay(), null);
		}
		if (next instanceof NextStep.At<?> at) {
			return later(execution, encode(definition, at.state()), null, at.instant());
		}
		throw new IllegalStateException("Unknown transition " + next.getClass().getName());
	}

	private Transition now(Execution execution, String text) {
		boolean longChain = System.nanoTime() - execution.claimedNanos() > LONGEST_CHAIN.toNanos();
		if (longChain || this.yielding.test(execution.taskType())) {
			return later(execution, text, Duration.ZERO, null);
		}
		return new Transition.Advance(execution.id(), execution.token(), text);
	}

	private static Transition later(Execution execution, String text, @Nullable Duration delay,
			@Nullable Instant instant) {
		return Transition.Release.next(execution.id(), execution.token(), text, delay, instant);
	}

	private String encode(StepDefinition definition, Object state) {
		EncodedStep encoded = this.codec.encode(state);
		StepDefinition next = this.registry.find(encoded.taskType(), encoded.step());
		if (next == null || !next.taskType().equals(definition.taskType())) {
			throw new InvalidStateException("The step \"" + definition.step() + "\" of the task type \""
					+ definition.taskType() + "\" went on to " + state.getClass().getName()
					+ ", for which this task type has no step; return a state of its own task type, and register"
					+ " its step as a @TaskStep bean", null);
		}
		return encoded.text();
	}

	/**
	 * The step threw.
	 */
	Outcome failed(Execution execution, StepDefinition definition, Throwable failure, Duration took) {
		return this.failures.failed(execution, definition, failure, took);
	}

	/**
	 * The step cannot go on until someone acts.
	 */
	Outcome parked(Execution execution, String step, int tried, String error, Duration took) {
		Transition park = Transition.Release.park(execution.id(), execution.token(), tried, execution.delivery(),
				ErrorText.storable(error));
		return new Outcome(execution, park, StepOutcome.ERRORED, step, took);
	}

	/**
	 * The step could not even begin, which says nothing about the step.
	 */
	Outcome postponed(Execution execution, StepDefinition definition, Duration delay, String reason) {
		Transition later = Transition.Release.postpone(execution.id(), execution.token(), delay, null,
				execution.tried(), execution.delivery(), ErrorText.storable(reason), false);
		return new Outcome(execution, later, StepOutcome.GIVEN_BACK, definition.step(), Duration.ZERO);
	}

}
