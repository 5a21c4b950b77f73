package io.pgtask.worker;

/**
 * How an execution of a step ended, as far as the table is concerned.
 */
public enum StepOutcome {

	/** The task is done. */
	DONE,

	/** The task goes on with another state. */
	NEXT,

	/** The attempt failed and will be repeated. */
	RETRIED,

	/** The task was parked with an error. */
	ERRORED,

	/** The step, or a gate before it, puts the task off; that is no failed attempt. */
	POSTPONED,

	/**
	 * The task ended without being done, because its step or a gate says so, or somebody
	 * had asked for that.
	 */
	CANCELLED,

	/**
	 * The deadline had passed before the task was started; it was parked, not run, or
	 * ended if there is a history.
	 */
	EXPIRED,

	/** The task was reserved and never confirmed; it was deleted, not run. */
	LAPSED,

	/** The lease was lost before the outcome could be saved; nothing was written. */
	LOST,

	/**
	 * The task was given back: the worker stopped before the step had finished, or a
	 * transactional step got no connection.
	 */
	GIVEN_BACK

}
