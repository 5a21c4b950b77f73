package io.pgtask.actuate.endpoint;

import io.pgtask.TaskAdmin.ActionResult;

/**
 * What an operator does to a dead task, and how that is told.
 */
enum DeadTaskAction {

	REDRIVE("will run again from the step it stopped at"),

	DELETE("has been deleted");

	private final String done;

	DeadTaskAction(String done) {
		this.done = done;
	}

	String describe(ActionResult result) {
		return switch (result) {
			case DONE -> "The task " + this.done;
			case NOT_FOUND -> "There is no such dead task";
			case RUNNING, REQUESTED -> "Somebody else is just moving the task; nothing was changed";
			case NOT_APPLICABLE -> "Another task has its unique key or id by now; nothing was changed";
		};
	}

}
