package io.pgtask;

/**
 * The execution of a step does not own its task any more: its lease has ended, or
 * somebody has taken the task away. Nothing it does for the task counts from now on. A
 * step should let this exception end it.
 */
public class LeaseLostException extends PgTaskException {

	/**
	 * Create an exception.
	 * @param message which task was lost
	 */
	public LeaseLostException(String message) {
		super(message, null);
	}

}
