package io.pgtask.examples;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import io.pgtask.CheckpointOption;
import io.pgtask.StepContext;

/**
 * The context of a step that is called by a test.
 */
record FirstAttempt(UUID taskId) implements StepContext {

	FirstAttempt() {
		this(new UUID(0, 0));
	}

	@Override
	public String taskType() {
		return "Example";
	}

	@Override
	public String step() {
		return "Step";
	}

	@Override
	public int attempt() {
		return 1;
	}

	@Override
	public int delivery() {
		return 1;
	}

	@Override
	public Map<String, String> headers() {
		return Map.of();
	}

	@Override
	public Instant leaseDeadline() {
		return Instant.MAX;
	}

	@Override
	public Duration leaseRemaining() {
		return Duration.ofHours(1);
	}

	@Override
	public boolean isCancelled() {
		return false;
	}

	@Override
	public void checkpoint(Object state, CheckpointOption... options) {
		throw new UnsupportedOperationException("The examples save no checkpoints");
	}

}
