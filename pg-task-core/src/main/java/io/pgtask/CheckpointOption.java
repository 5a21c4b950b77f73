package io.pgtask;

/**
 * What {@link StepContext#checkpoint checkpoint} does besides saving the state.
 */
public enum CheckpointOption {

	/**
	 * Start to count anew: the step has all its retries again, and what it survived so
	 * far does not count as the crash of its worker either. For a step that gets ahead,
	 * and would sooner or later run out of attempts only because it takes long.
	 */
	RESET_ATTEMPTS,

	/**
	 * Save the state in the transaction that the step has started on this thread, on the
	 * {@code DataSource} of the tasks, instead of at once: what the step wrote in that
	 * transaction and how far it has come are committed together, or neither is.
	 */
	JOIN_TRANSACTION

}
