package io.pgtask;

import org.jspecify.annotations.Nullable;

/**
 * A state that cannot be persisted: its class belongs to no task, it cannot be written as
 * JSON, or it contains a character that PostgreSQL's {@code text} cannot hold.
 */
public class InvalidStateException extends PgTaskException {

	/**
	 * Create an exception.
	 * @param message what is wrong with the state and what to do
	 * @param cause the cause, or {@code null}
	 */
	public InvalidStateException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
