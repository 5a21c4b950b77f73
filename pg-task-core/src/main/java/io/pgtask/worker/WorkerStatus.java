package io.pgtask.worker;

import java.time.Duration;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What a worker is doing, for health and overview.
 *
 * @param state the state of the worker
 * @param workerId the identity of this start of the worker, as it appears in the upper
 * half of {@code locked_by}; {@code null} while stopped
 * @param running how many steps run
 * @param waiting how many claimed tasks wait for a free slot
 * @param sinceContact how long ago the worker last heard from the database; {@code null}
 * before the first time
 * @param sinceHeartbeat how long ago the lease keeper last made its round; {@code null}
 * before the first time
 * @param listening whether the wake-up connection is up; {@code true} if none is wanted
 * @param listenerDown how long the wake-up connection has been down; {@code null} if it
 * is up or not wanted
 * @param trouble the database error that keeps the worker from working, or {@code null}
 * @param pausedTypes those of its task types that are paused, as far as it knows
 * @param present whether others can tell within seconds if the worker dies, and take over
 * its tasks
 * @param observing whether this worker is the one that looks for dead ones
 */
public record WorkerStatus(State state, @Nullable String workerId, int running, int waiting,
		@Nullable Duration sinceContact, @Nullable Duration sinceHeartbeat, boolean listening,
		@Nullable Duration listenerDown, @Nullable String trouble, Set<String> pausedTypes, boolean present,
		boolean observing) {

	/**
	 * The state of a worker.
	 */
	public enum State {

		/** Claims nothing and runs nothing. */
		STOPPED,

		/** Claims and runs. */
		RUNNING,

		/** Waits for the database to come back. */
		PAUSED,

		/** Claims nothing more and waits for running steps. */
		STOPPING

	}

}
