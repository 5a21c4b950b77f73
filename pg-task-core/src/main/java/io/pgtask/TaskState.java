package io.pgtask;

/**
 * What a task is doing, derived from its row by the database's clock.
 */
public enum TaskState {

	/** Due, and waiting for a free worker. */
	READY,

	/** Due at a later time. */
	SCHEDULED,

	/**
	 * Held back, whenever it is due: reserved, and waiting to be confirmed.
	 */
	HELD,

	/** Claimed by a worker whose lease lives. */
	RUNNING,

	/** Parked with an error until someone acts. */
	ERRORED

}
