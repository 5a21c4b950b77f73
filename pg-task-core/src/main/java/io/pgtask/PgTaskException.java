package io.pgtask;

import org.jspecify.annotations.Nullable;

/**
 * The root of the exceptions pg-task throws on its own account. Failures of the database
 * are {@link org.springframework.dao.DataAccessException}s.
 */
public class PgTaskException extends RuntimeException {

	/**
	 * Create an exception.
	 * @param message what went wrong, where, and what to do
	 * @param cause the cause, or {@code null}
	 */
	public PgTaskException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
