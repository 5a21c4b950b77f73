package io.pgtask;

import org.jspecify.annotations.Nullable;

/**
 * The application cannot start as it is configured. The message describes the fault; the
 * action tells how to mend it, and is shown by Spring Boot's failure analysis.
 */
public class PgTaskConfigurationException extends PgTaskException {

	private final String action;

	/**
	 * Create an exception.
	 * @param message what is wrong and where
	 * @param action what the developer can do about it
	 */
	public PgTaskConfigurationException(String message, String action) {
		this(message, action, null);
	}

	/**
	 * Create an exception with a cause.
	 * @param message what is wrong and where
	 * @param action what the developer can do about it
	 * @param cause the cause, or {@code null}
	 */
	public PgTaskConfigurationException(String message, String action, @Nullable Throwable cause) {
		super(message, cause);
		this.action = action;
	}

	/**
	 * Return what the developer can do about it.
	 * @return the action
	 */
	public String getAction() {
		return this.action;
	}

}
