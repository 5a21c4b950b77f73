package io.pgtask;

/**
 * How a task ended, as its record in the history says.
 */
public enum TaskOutcome {

	/** The last step has finished. */
	DONE,

	/** Somebody has cancelled the task, or a step has cancelled its own. */
	CANCELLED,

	/** No worker had started the task by its deadline. */
	EXPIRED,

	/** The task was reserved and nobody has confirmed it in time. */
	LAPSED,

	/** Somebody has deleted the task. */
	DELETED,

	/** A later release of pg-task has ended the task in a way this one does not know. */
	UNKNOWN

}
