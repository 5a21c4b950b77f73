package io.pgtask.faults;

/**
 * What must hold, whatever fails.
 */
enum Invariant {

	/** No acknowledged enqueue is lost. */
	I1,

	/** Every task ends, and ends once. */
	I2,

	/** Only the holder of the lease writes, and only while it lasts. */
	I3,

	/** A finished step never runs again. */
	I4,

	/** A task never goes back to an earlier step. */
	I5,

	/** What was rolled back, or not taken, never runs. */
	I6,

	/** Two tasks of one unique key never live at the same time. */
	I7,

	/** Only what was in flight at a fault runs twice. */
	I8,

	/** After a stop no task waits for a lease. */
	STOP,

	/** A poisonous task is parked after its deliveries, and takes nobody with it. */
	POISON,

	/** Nothing else is parked. */
	PARKED,

	/** Nothing grows for as long as all goes on. */
	FLAT

}
