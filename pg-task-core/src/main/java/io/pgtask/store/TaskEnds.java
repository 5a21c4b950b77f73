package io.pgtask.store;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.pgtask.TaskEnd;

/**
 * Tells when tasks end. Implementations are thread-safe.
 */
public interface TaskEnds {

	/**
	 * Watch a task whose row is to be inserted with the mark {@code awaited}. Waits for a
	 * short time until the ends of tasks can be heard.
	 * @param id the task's id
	 * @return completes when the task ends, on a thread that must not be blocked;
	 * cancelling it ends the watch
	 */
	CompletableFuture<TaskEnd> expect(UUID id);

	/**
	 * Begin to look for the row of an expected task, because it has been committed.
	 * @param id the task's id
	 */
	void inserted(UUID id);

	/**
	 * Watch a task whose row is there, or else counts as gone.
	 * @param id the task's id
	 * @return completes when the task ends, on a thread that must not be blocked;
	 * cancelling it ends the watch
	 */
	CompletableFuture<TaskEnd> watch(UUID id);

	/**
	 * Return what tells nothing, for a client that nobody waits with.
	 * @return refuses every call with an {@link IllegalStateException}
	 */
	static TaskEnds untold() {
		return new UntoldTaskEnds();
	}

}
