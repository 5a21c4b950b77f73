package io.pgtask;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by a step whose failure no retry would mend: the task is parked at once,
 * whatever retries are left. It may be the cause of another exception.
 *
 * @see NextStep#fail(String)
 */
public class FatalStepException extends PgTaskException {

	/**
	 * Create an exception.
	 * @param message what is wrong, for those who look at the parked task
	 */
	public FatalStepException(String message) {
		this(message, null);
	}

	/**
	 * Create an exception.
	 * @param message what is wrong, for those who look at the parked task
	 * @param cause the cause, or {@code null}
	 */
	public FatalStepException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
