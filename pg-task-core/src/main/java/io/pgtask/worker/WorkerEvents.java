package io.pgtask.worker;

import java.time.Duration;

/**
 * What a worker tells to those who measure it. The methods are called on the worker's own
 * threads and must return quickly; an exception is logged and otherwise ignored.
 */
public interface WorkerEvents {

	/** Tells nobody. */
	WorkerEvents NONE = new WorkerEvents() {
	};

	/**
	 * The worker asked the table for work, or started a task of this JVM directly.
	 * @param tasks how many tasks it claimed, 0 if there was nothing to do; 1 for a
	 * direct start
	 */
	default void claimed(int tasks) {
	}

	/**
	 * The outcome of a step was saved, or given up.
	 * @param taskType the persisted name of the task type
	 * @param step the persisted name of the step
	 * @param outcome how it ended
	 * @param duration how long the step ran
	 */
	default void finished(String taskType, String step, StepOutcome outcome, Duration duration) {
	}

	/**
	 * Leases were renewed.
	 * @param leases how many
	 */
	default void renewed(int leases) {
	}

	/**
	 * A lease was lost while its step ran or waited.
	 * @param taskType the persisted name of the task type
	 * @param step the persisted name of the step
	 */
	default void leaseLost(String taskType, String step) {
	}

	/**
	 * Another worker has died, and the tasks it held were freed before their leases end.
	 * @param tasks how many
	 */
	default void takenOver(int tasks) {
	}

	/**
	 * A step goes on although its timeout is over and its thread was interrupted. The
	 * attempt counts as failed, and the task goes on without it.
	 * @param taskType the persisted name of the task type
	 * @param step the persisted name of the step
	 */
	default void stuck(String taskType, String step) {
	}

}
