package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;

import io.pgtask.NextStep;
import io.pgtask.StepTimeoutException;
import io.pgtask.registry.StepDefinition;
import io.pgtask.store.FailedAttempts;
import io.pgtask.store.Transition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a task whose step has failed, or does not want to go on yet.
 */
final class FailureOutcomes {

	private static final Logger logger = LoggerFactory.getLogger(FailureOutcomes.class);

	/** Of an error that is kept beside others. */
	private static final int LONGEST_KEPT = 2_000;

	private final FailureSettings settings;

	private final String worker;

	private final FailureLog log;

	FailureOutcomes(FailureSettings settings, String worker) {
		this.settings = settings;
		this.worker = worker;
		this.log = new FailureLog(settings.logMessages());
	}

	/** Return what logs failures as these settings allow. */
	FailureLog log() {
		return this.log;
	}

	/**
	 * The step threw.
	 */
	Outcome failed(Execution execution, StepDefinition definition, Throwable failure, Duration took) {
		if (execution.isCancelled() && !(failure instanceof StepTimeoutException)) {
			return Outcome.giveBack(execution);
		}
		int tried = execution.tried() + 1;
		try {
			Duration delay = definition.retry().isRetryable(failure) ? definition.retry().delayAfter(tried) : null;
			return ended(execution, definition, failure, delay, took);
		}
		// A retry policy is code of the application.
		catch (RuntimeException | Error ex) {
			return policyFailed(execution, definition, failure, ex, took);
		}
	}

	/**
	 * The step asks for another attempt.
	 */
	Outcome retry(Execution execution, StepDefinition definition, NextStep.Retry<?> retry, Duration took) {
		if (execution.isCancelled()) {
			return Outcome.giveBack(execution);
		}
		try {
			Duration delay = definition.retry().delayAfter(execution.tried() + 1);
			if (delay != null && (retry.delay() != null || retry.instant() != null)) {
				return retried(execution, definition, retry.cause(), retry.delay(), retry.instant(), took);
			}
			return ended(execution, definition, retry.cause(), delay, took);
		}
		catch (RuntimeException | Error ex) {
			return policyFailed(execution, definition, retry.cause(), ex, took);
		}
	}

	private Outcome ended(Execution execution, StepDefinition definition, Throwable failure, @Nullable Duration delay,
			Duration took) {
		if (delay != null) {
			return retried(execution, definition, failure, delay, null, took);
		}
		this.log.parked(execution, definition, failure);
		return parkedAttempt(execution, definition, ErrorText.of(failure), failure, took);
	}

	private Outcome retried(Execution execution, StepDefinition definition, Throwable failure, @Nullable Duration delay,
			@Nullable Instant instant, Duration took) {
		this.log.retried(execution, definition, failure);
		String error = ErrorText.of(failure);
		Transition retry = Transition.Release
			.retry(execution.id(), execution.token(), delay, instant, execution.tried() + 1, execution.delivery(),
					error)
			.keeping(failure(execution, error, failure, took));
		return new Outcome(execution, retry, StepOutcome.RETRIED, definition.step(), took);
	}

	private Outcome policyFailed(Execution execution, StepDefinition definition, Throwable failure, Throwable trouble,
			Duration took) {
		logger.error("The retry policy of step {} ({}) failed", definition.step(), definition.taskType(),
				this.log.told(trouble));
		this.log.parked(execution, definition, failure);
		String error = "the retry policy failed with " + ErrorText.of(trouble) + ", when the step had failed with "
				+ ErrorText.of(failure);
		return parkedAttempt(execution, definition, error, failure, took);
	}

	/**
	 * The step has failed, and says that no other attempt would help.
	 */
	Outcome failedForGood(Execution execution, StepDefinition definition, NextStep.Fail<?> fail, Duration took) {
		this.log.parked(execution, definition, fail.reason(), fail.cause());
		Throwable cause = fail.cause();
		String error = (cause != null) ? fail.reason() + ": " + ErrorText.of(cause) : fail.reason();
		return parkedAttempt(execution, definition, error, cause, took);
	}

	/**
	 * The attempt has failed, and somebody has to act.
	 */
	Outcome parkedAttempt(Execution execution, StepDefinition definition, String error, @Nullable Throwable failure,
			Duration took) {
		String text = ErrorText.storable(error);
		Transition park = Transition.Release
			.park(execution.id(), execution.token(), execution.tried() + 1, execution.delivery(), text)
			.keeping(failure(execution, text, failure, took));
		return new Outcome(execution, park, StepOutcome.ERRORED, definition.step(), took);
	}

	/**
	 * The step comes back later.
	 */
	Outcome later(Execution execution, StepDefinition definition, NextStep.Later<?> later, Duration took) {
		String reason = (later.reason() != null) ? ErrorText.storable(later.reason()) : null;
		if (execution.progress().postponed() >= this.settings.maxPostponed()) {
			return parkedTooOften(execution, definition, reason, took);
		}
		Transition postpone = Transition.Release.postpone(execution.id(), execution.token(), later.delay(),
				later.instant(), execution.tried(), execution.delivery(), reason, true);
		return new Outcome(execution, postpone, StepOutcome.POSTPONED, definition.step(), took);
	}

	private Outcome parkedTooOften(Execution execution, StepDefinition definition, @Nullable String reason,
			Duration took) {
		String error = "postponed " + execution.progress().postponed()
				+ " times without an attempt, and pg-task.failures.max-postponed allows no more"
				+ ((reason != null) ? "; it last waited because of: " + reason : "")
				+ ". Set \"error\" to NULL to let it wait again";
		logger.error("Step {} of task {} ({}) is parked: {}", definition.step(), execution.id(), definition.taskType(),
				this.log.told(error));
		Transition park = Transition.Release.park(execution.id(), execution.token(), execution.tried(),
				execution.delivery(), ErrorText.storable(error));
		return new Outcome(execution, park, StepOutcome.ERRORED, definition.step(), took);
	}

	private Transition.@Nullable Failure failure(Execution execution, String error, @Nullable Throwable failure,
			Duration took) {
		if (this.settings.maxKept() == 0) {
			return null;
		}
		String stackTrace = (this.settings.stackTrace() && failure != null) ? StackTraceText.of(failure) : null;
		return new Transition.Failure(FailedAttempts.write(execution.tried() + 1, execution.delivery(), this.worker,
				took, ErrorText.storable(error, LONGEST_KEPT), stackTrace), this.settings.maxKept());
	}

}
