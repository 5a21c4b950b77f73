package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

import io.pgtask.GateRequest;
import io.pgtask.StepContext;
import io.pgtask.StepInterceptor;
import io.pgtask.codec.DecodedStep;
import io.pgtask.codec.StepCodec;
import io.pgtask.codec.StepDecodingException;
import io.pgtask.registry.StepDefinition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs one execution on the current thread. Whatever a step does, it comes back as an
 * outcome.
 */
final class StepRunner {

	private static final Logger logger = LoggerFactory.getLogger(StepRunner.class);

	private final StepCodec codec;

	private final Transitions transitions;

	private final @Nullable TransactionalSteps transactionalSteps;

	private final CheckpointParts checkpoints;

	private final Gates gates;

	private final List<StepInterceptor> interceptors;

	private final int maxDeliveries;

	private final Pace pace;

	private final Consumer<Outcome> outcomes;

	private final Consumer<Execution> onBroken;

	StepRunner(StepCodec codec, Transitions transitions, @Nullable TransactionalSteps transactionalSteps,
			CheckpointParts checkpoints, Gates gates, List<StepInterceptor> interceptors, int maxDeliveries, Pace pace,
			Consumer<Outcome> outcomes, Consumer<Execution> onBroken) {
		this.codec = codec;
		this.transitions = transitions;
		this.transactionalSteps = transactionalSteps;
		this.checkpoints = checkpoints;
		this.gates = gates;
		this.interceptors = interceptors;
		this.maxDeliveries = maxDeliveries;
		this.pace = pace;
		this.outcomes = outcomes;
		this.onBroken = onBroken;
	}

	void run(Execution execution) {
		if (!execution.begin()) {
			return;
		}
		try {
			long start = System.nanoTime();
			@Nullable Outcome outcome = execute(execution, start);
			this.pace.stepTook(System.nanoTime() - start);
			if (outcome != null) {
				hand(outcome);
			}
		}
		// Not even the failure could be described: let the lease end, so that the
		// delivery counts and another worker tries.
		catch (Throwable ex) {
			execution.loseLease();
			this.onBroken.accept(execution);
			logger.error("Task {} is left alone until its lease ends", execution.id(), FailureWithoutMessage.of(ex));
		}
		finally {
			// An interruption was meant for this step alone, not for the next on this
			// thread.
			Thread.interrupted();
		}
	}

	private void hand(Outcome outcome) {
		if (outcome.execution().end()) {
			this.outcomes.accept(outcome);
		}
		else {
			// Whoever took the lease away has told.
			logger.debug("The outcome of task {} is dropped, because its lease was lost while the step ran",
					outcome.execution().id());
		}
	}

	/** Returns the outcome that is still to be saved, if any. */
	private @Nullable Outcome execute(Execution execution, long start) {
		Outcome unstarted = this.transitions.unstarted(execution);
		if (unstarted != null) {
			return unstarted;
		}
		if (execution.progress().lostDeliveries() >= this.maxDeliveries) {
			return parkPoison(execution);
		}
		try {
			DecodedStep decoded = this.codec.decode(execution.progress().text());
			return call(execution, decoded.definition(), decoded.state(), start);
		}
		catch (StepDecodingException ex) {
			logger.error("Task {} of type {} is parked, and its error has the details: {}", execution.id(),
					execution.taskType(), ex.place());
			return this.transitions.parked(execution, "", execution.tried(), String.valueOf(ex.getMessage()),
					Duration.ZERO);
		}
	}

	private Outcome parkPoison(Execution execution) {
		String error = "delivered " + execution.delivery() + " times, of which " + execution.progress().lostDeliveries()
				+ " ended without an outcome: the step ended its worker's process, never returned, or outlived its lease."
				+ " Mend the step and set \"error\" to NULL to run it again";
		logger.error("Task {} of type {} is parked: {}", execution.id(), execution.taskType(), error);
		return this.transitions.parked(execution, "", execution.tried(), error, Duration.ZERO);
	}

	private @Nullable Outcome call(Execution execution, StepDefinition definition, Object state, long start) {
		StepCheckpoints checkpoints = new StepCheckpoints(this.checkpoints, execution, definition);
		StepContext context = new ExecutionContext(execution, definition.taskType(), definition.step(),
				execution.tried() + 1, execution.delivery(), execution.task().headers(), checkpoints);
		StepCall call = new StepCall(definition.bean(), state, context, this.interceptors);
		describe(context);
		try {
			return this.gates.isEmpty() ? attempt(execution, definition, call, start)
					: pass(execution, definition, call);
		}
		finally {
			checkpoints.close();
			MDC.remove(LogKeys.ID);
			MDC.remove(LogKeys.TYPE);
			MDC.remove(LogKeys.STEP);
			MDC.remove(LogKeys.ATTEMPT);
		}
	}

	private @Nullable Outcome pass(Execution execution, StepDefinition definition, StepCall call) {
		StepContext context = call.context();
		try (Gates.Passage passage = this.gates.ask(new GateRequest(context.taskId(), context.taskType(),
				context.step(), call.state(), context.attempt(), context.delivery(), context.headers()))) {
			if (passage.isFree()) {
				return attempt(execution, definition, call, System.nanoTime());
			}
			// A gate that was interrupted says nothing about the task.
			return execution.isCancelled() ? Outcome.giveBack(execution)
					: this.transitions.stopped(execution, definition, passage.decision());
		}
	}

	private @Nullable Outcome attempt(Execution execution, StepDefinition definition, StepCall call, long start) {
		try {
			if (definition.transaction() != null) {
				return Objects.requireNonNull(this.transactionalSteps).run(execution, definition, call, start);
			}
			return this.transitions.returned(execution, definition, TimedCall.proceed(execution, definition, call),
					since(start));
		}
		// Even an OutOfMemoryError is an outcome of the step: nobody else would tell the
		// table.
		catch (Throwable ex) {
			if (execution.isAbandoned()) {
				logger.info("The step of task {} that went on in spite of its interruption has ended", execution.id());
				return null;
			}
			return this.transitions.failed(execution, definition, ex, since(start));
		}
	}

	private static void describe(StepContext context) {
		MDC.put(LogKeys.ID, context.taskId().toString());
		MDC.put(LogKeys.TYPE, context.taskType());
		MDC.put(LogKeys.STEP, context.step());
		MDC.put(LogKeys.ATTEMPT, Integer.toString(context.attempt()));
	}

	private static Duration since(long start) {
		return Duration.ofNanos(System.nanoTime() - start);
	}

}
