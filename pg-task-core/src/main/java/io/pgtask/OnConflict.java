package io.pgtask;

/**
 * What to do when a task is enqueued with a unique key that a living task of its type
 * already has. A task lives until it has ended: also while it runs, waits for a retry, or
 * is parked with an error.
 */
public enum OnConflict {

	/** Leave the existing task alone, enqueue nothing, and return its id. */
	KEEP,

	/**
	 * Let the existing task take the new one's place: it keeps its id and gets the state
	 * and all options of the new one, due time included, with fresh attempts and without
	 * an error. While a worker runs it, that is refused like {@link #REJECT}, because the
	 * new state could only be lost.
	 */
	REPLACE,

	/** Refuse with a {@link DuplicateTaskException} that tells the existing id. */
	REJECT

}
