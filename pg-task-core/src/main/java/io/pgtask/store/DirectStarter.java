package io.pgtask.store;

import org.jspecify.annotations.Nullable;

/**
 * A worker of this JVM that may start a task directly, that is without claiming it: its
 * row is inserted with the lease of that worker. Thread-safe.
 */
public interface DirectStarter {

	/**
	 * Offer to start a task that is about to be inserted. Called for every task that is
	 * due at once, and must return quickly.
	 * @param taskType the persisted name of the task type
	 * @return an offer, or {@code null} if the task is to be claimed like any other
	 */
	@Nullable DirectOffer offer(String taskType);

}
