package io.pgtask.store;

/**
 * One execution of a statement that is chosen when it is known whose transaction it
 * becomes a part of.
 *
 * @param <T> the type of the result
 */
interface CallerWrite<T> extends CallerConnection.StatementWork<T>, CallerConnection.Completion<T> {

	/** Choose. */
	void begin(Scope scope);

	/** Return the chosen statement. */
	String sql();

	/** It failed, or nobody knows whether it was committed. */
	void failed(Exception failure);

	/**
	 * Whose transaction it is.
	 */
	enum Scope {

		/** One of its own, and there is no other. */
		OWN,

		/** The caller's. */
		CALLERS,

		/** One of its own beside the caller's, or one whose end will not be told. */
		OTHER

	}

}
