package io.pgtask.actuate.endpoint;

import java.util.UUID;

import io.pgtask.InvalidStateException;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskAdmin.ActionSummary;
import io.pgtask.TaskSelection;
import io.pgtask.TaskState;
import io.pgtask.actuate.endpoint.Parameters.BadRequestException;

import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * What can be done to a task, or to all of a selection.
 */
final class TaskOperations {

	/** The state of a step that has none. */
	private static final String NO_COMPONENTS = "null";

	private final TaskAdmin admin;

	TaskOperations(TaskAdmin admin) {
		this.admin = admin;
	}

	/** Act on one task. */
	WebEndpointResponse<Object> act(UUID id, ActionParameters parameters) {
		TaskAction action = Parameters.constant("action", TaskAction.class, parameters.action());
		try {
			return answer(action, act(action, id, parameters));
		}
		catch (InvalidStateException | IllegalArgumentException ex) {
			throw new BadRequestException(String.valueOf(ex.getMessage()));
		}
	}

	/** Delete one task. */
	WebEndpointResponse<Object> delete(UUID id) {
		return answer(TaskAction.DELETE, this.admin.delete(id));
	}

	private ActionResult act(TaskAction action, UUID id, ActionParameters parameters) {
		if (action != TaskAction.RESUME) {
			Parameters.refuse("Another step is only given to resume", parameters.step());
		}
		return switch (action) {
			case RETRY ->
				(parameters.stateJson() != null) ? this.admin.retry(id, parameters.stateJson()) : this.admin.retry(id);
			case RESUME -> this.admin.resume(id, Parameters.required("step", parameters.step()),
					(parameters.stateJson() != null) ? parameters.stateJson() : NO_COMPONENTS);
			case CANCEL -> this.admin.cancel(id);
			case DELETE -> this.admin.delete(id);
			case RESCHEDULE -> this.admin.reschedule(id, Parameters.instant("at", parameters.at()));
			case PRIORITIZE -> this.admin.prioritize(id, Parameters.priority(parameters.priority()));
		};
	}

	private static WebEndpointResponse<Object> answer(TaskAction action, ActionResult result) {
		return Responses.message(Responses.status(result), action.describe(result));
	}

	/** Act on all tasks of a selection, or tell how many it has. */
	WebEndpointResponse<Object> actOnAll(TaskSelection selection, ActionParameters parameters, boolean preview) {
		TaskAction action = Parameters.constant("action", TaskAction.class, parameters.action());
		if (action == TaskAction.RESUME || parameters.stateJson() != null) {
			throw new BadRequestException(
					"Another step or another state can only be given to one task: send it to tasks/{id}");
		}
		try {
			return new WebEndpointResponse<>(preview ? PreviewDescriptor.of(action, count(action, selection))
					: ActionSummaryDescriptor.of(action, act(action, selection, parameters)));
		}
		catch (IllegalArgumentException ex) {
			throw new BadRequestException(String.valueOf(ex.getMessage()));
		}
	}

	private long count(TaskAction action, TaskSelection selection) {
		boolean onlyParked = action == TaskAction.RETRY && selection.state() == null;
		return this.admin.count(onlyParked ? selection.in(TaskState.ERRORED) : selection);
	}

	private ActionSummary act(TaskAction action, TaskSelection selection, ActionParameters parameters) {
		return switch (action) {
			case RETRY -> this.admin.retry(selection);
			case CANCEL -> this.admin.cancel(selection);
			case DELETE -> this.admin.delete(selection);
			case RESCHEDULE -> this.admin.reschedule(selection, Parameters.instant("at", parameters.at()));
			case PRIORITIZE -> this.admin.prioritize(selection, Parameters.priority(parameters.priority()));
			case RESUME -> throw new IllegalStateException("Not for many tasks");
		};
	}

}
