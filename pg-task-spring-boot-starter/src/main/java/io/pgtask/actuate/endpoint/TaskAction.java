package io.pgtask.actuate.endpoint;

import io.pgtask.TaskAdmin.ActionResult;

/**
 * What an operator does to a task, and how that is told.
 */
enum TaskAction {

	RETRY("will run again from the step it stopped at", "is not parked with an error"),

	CANCEL("has been cancelled", "cannot be cancelled"),

	DELETE("has been deleted", "cannot be deleted"),

	RESCHEDULE("is due at its new time", "is parked with an error; retry it instead");

	private final String done;

	private final String notApplicable;

	TaskAction(String done, String notApplicable) {
		this.done = done;
		this.notApplicable = notApplicable;
	}

	String describe(ActionResult result) {
		return switch (result) {
			case DONE -> "The task " + this.done;
			case NOT_FOUND -> "There is no such task: it has ended, or never existed";
			case RUNNING -> "A worker holds the task; nothing was changed";
			case NOT_APPLICABLE -> "The task " + this.notApplicable + "; nothing was changed";
		};
	}

}
