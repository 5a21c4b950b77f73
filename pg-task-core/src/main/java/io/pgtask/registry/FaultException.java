package io.pgtask.registry;

/**
 * Something wrong with a class, for whoever knows whether a start-up or an enqueue fails
 * by it.
 */
final class FaultException extends Exception {

	private static final long serialVersionUID = 1L;

	private final String message;

	private final String action;

	FaultException(String message, String action) {
		super(message);
		this.message = message;
		this.action = action;
	}

	@Override
	public String getMessage() {
		return this.message;
	}

	String getAction() {
		return this.action;
	}

}
