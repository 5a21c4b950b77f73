package io.pgtask;

import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * How a task ended for somebody who waited for it.
 *
 * @param taskId the task's id
 * @param outcome how it ended
 * @param error what the task was parked with if it is {@link Outcome#ERRORED}, otherwise
 * {@code null}
 */
public record TaskEnd(UUID taskId, Outcome outcome, @Nullable String error) {

	public TaskEnd {
		Objects.requireNonNull(taskId, "The task's id must not be null");
		Objects.requireNonNull(outcome, "The outcome must not be null");
	}

	/**
	 * Return whether the task is known to have finished its last step.
	 * @return whether the outcome is {@link Outcome#DONE}
	 */
	public boolean isDone() {
		return this.outcome == Outcome.DONE;
	}

	/**
	 * How a task ended.
	 */
	public enum Outcome {

		/** The last step has finished. */
		DONE,

		/**
		 * A step has failed too often, and the task is parked. That is the end for those
		 * who wait, although the task goes on when somebody retries it.
		 */
		ERRORED,

		/**
		 * A step has ended the task by {@link NextStep#cancel(String)}, a
		 * {@link StepGate} did, or somebody by {@link TaskAdmin}.
		 */
		CANCELLED,

		/** Somebody has deleted the task by {@link TaskAdmin}. */
		DELETED,

		/**
		 * No worker has started the task by its deadline, or nobody has confirmed its
		 * reservation in time. Only with a history; without one, a task that expires is
		 * {@link #ERRORED}.
		 */
		EXPIRED,

		/**
		 * There is no such task (any more), and nobody has told how it ended. It was
		 * done, or deleted, or it never existed: the row of a task that has ended is
		 * deleted, and says nothing. With a history this is rare, because the record of
		 * the task tells.
		 */
		GONE

	}

}
