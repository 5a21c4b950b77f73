package io.pgtask.model;

/**
 * What an operator does to a task.
 */
enum Operation {

	CANCEL, DELETE, RETRY, RESUME, RETRY_BY_SQL, PARK_BY_SQL, RESCHEDULE, PRIORITIZE;

	/** In how many hours the task is due that is rescheduled. */
	static final int HOURS = 2;

	/** The priority of a task that gets another one. */
	static final int PRIORITY = 7;

	/** Whether it is meant for tasks that have failed. */
	boolean isForErrors() {
		return this == RETRY || this == RESUME || this == RETRY_BY_SQL;
	}

	/** Whether it is most interesting while a worker holds the task. */
	boolean isForRunning() {
		return this == CANCEL || this == PARK_BY_SQL;
	}

}
