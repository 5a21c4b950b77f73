package io.pgtask.actuate.endpoint;

import io.pgtask.TaskAdmin;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.actuate.endpoint.Parameters.BadRequestException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * What can be done to a task type.
 */
final class TypeOperations {

	private final TaskAdmin admin;

	TypeOperations(TaskAdmin admin) {
		this.admin = admin;
	}

	WebEndpointResponse<Object> act(String taskType, @Nullable String action, @Nullable String reason) {
		return switch (Parameters.constant("action", TypeAction.class, action)) {
			case PAUSE -> answer(pause(taskType, reason),
					"The type is paused on all nodes: no step of it is started any more", "The type is paused already");
			case RESUME -> answer(this.admin.resumeType(taskType), "The type goes on", "The type is not paused");
		};
	}

	private ActionResult pause(String taskType, @Nullable String reason) {
		try {
			return this.admin.pauseType(taskType, reason);
		}
		catch (IllegalArgumentException ex) {
			throw new BadRequestException(String.valueOf(ex.getMessage()));
		}
	}

	private static WebEndpointResponse<Object> answer(ActionResult result, String done, String notApplicable) {
		return (result == ActionResult.DONE) ? Responses.ok(done)
				: Responses.message(Responses.CONFLICT, notApplicable + "; nothing was changed");
	}

	/**
	 * What can be done.
	 */
	private enum TypeAction {

		PAUSE, RESUME

	}

}
