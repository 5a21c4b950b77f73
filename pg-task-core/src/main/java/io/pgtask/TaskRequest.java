package io.pgtask;

import java.util.Objects;

/**
 * A task to be enqueued among many, with options of its own.
 *
 * @param state the first step's state
 * @param options how to enqueue it
 * @see TaskClient#enqueueAll(Iterable)
 */
public record TaskRequest(Object state, TaskOptions options) {

	public TaskRequest {
		Objects.requireNonNull(state, "The state must not be null");
		Objects.requireNonNull(options, "The options must not be null; use TaskOptions.DEFAULT for none");
		if (state instanceof TaskRequest) {
			throw new IllegalArgumentException("A TaskRequest must hold a state, not another TaskRequest");
		}
	}

}
