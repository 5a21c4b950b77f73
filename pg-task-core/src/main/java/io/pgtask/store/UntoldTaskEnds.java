package io.pgtask.store;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.pgtask.TaskEnd;

/**
 * Refuses to tell when tasks end.
 */
final class UntoldTaskEnds implements TaskEnds {

	@Override
	public CompletableFuture<TaskEnd> expect(UUID id) {
		throw refusal();
	}

	@Override
	public void inserted(UUID id) {
		throw refusal();
	}

	@Override
	public CompletableFuture<TaskEnd> watch(UUID id) {
		throw refusal();
	}

	private static IllegalStateException refusal() {
		return new IllegalStateException(
				"This client cannot wait for the end of a task: create it with a TaskEndWatch to be able to");
	}

}
