package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import io.pgtask.CheckpointOption;
import io.pgtask.StepContext;

/**
 * What a step sees of its execution. Attempt and delivery are those of the call, the
 * lease is that of the moment.
 */
record ExecutionContext(Execution execution, String taskType, String step, int attempt, int delivery,
		Map<String, String> headers, StepCheckpoints checkpoints) implements StepContext {

	@Override
	public UUID taskId() {
		return this.execution.id();
	}

	@Override
	public Instant leaseDeadline() {
		return this.execution.lease().deadline();
	}

	@Override
	public Duration leaseRemaining() {
		return this.execution.lease().remaining();
	}

	@Override
	public boolean isCancelled() {
		return this.execution.isCancelled() || this.execution.clock().isTimedOut();
	}

	@Override
	public void checkpoint(Object state, CheckpointOption... options) {
		Objects.requireNonNull(state, "The state of a checkpoint must not be null");
		this.checkpoints.save(state, List.of(options));
	}

}
