package io.pgtask;

/**
 * Told of every task that is parked with an error, on whatever node that happened.
 */
@FunctionalInterface
public interface TaskErrorListener {

	/**
	 * Called once per event, on a thread of pg-task; an exception is logged and otherwise
	 * ignored.
	 * @param event the event
	 */
	void onTaskError(TaskErrorEvent event);

}
