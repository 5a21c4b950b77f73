package io.pgtask.actuate.endpoint;

import java.util.Locale;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskAdmin.ActionSummary;

/**
 * What an operator does to a task, and how that is told.
 */
enum TaskAction {

	RETRY("will run again from the step it stopped at", "is not parked with an error, or was retried meanwhile"),

	RESUME("will run again from the other step", "is not parked with an error, or was retried meanwhile"),

	CANCEL("has been cancelled", "cannot be cancelled"),

	DELETE("has been deleted", "cannot be deleted"),

	RESCHEDULE("is due at its new time", "is parked with an error; retry it instead"),

	PRIORITIZE("has its new priority", "cannot be prioritized");

	private final String done;

	private final String notApplicable;

	TaskAction(String done, String notApplicable) {
		this.done = done;
		this.notApplicable = notApplicable;
	}

	/** How it is written in a request. */
	String parameter() {
		return name().toLowerCase(Locale.ROOT);
	}

	String describe(ActionResult result) {
		return switch (result) {
			case DONE -> "The task " + this.done;
			case REQUESTED -> "A worker holds the task, and was asked to end it";
			case NOT_FOUND -> "There is no such task: it has ended, or never existed";
			case RUNNING -> "A worker holds the task; nothing was changed";
			case NOT_APPLICABLE -> "The task " + this.notApplicable + "; nothing was changed";
		};
	}

	String describe(ActionSummary summary) {
		String requested = (summary.requested() > 0) ? "; of " + summary.requested() + " a worker was asked to end them"
				: "";
		return "Each of " + summary.done() + " tasks " + this.done + requested;
	}

}
