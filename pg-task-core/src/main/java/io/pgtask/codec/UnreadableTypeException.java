package io.pgtask.codec;

/**
 * A type that cannot be read back from its own JSON.
 */
final class UnreadableTypeException extends Exception {

	private static final long serialVersionUID = 1L;

	private final String message;

	private final String action;

	UnreadableTypeException(String message, String action) {
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
