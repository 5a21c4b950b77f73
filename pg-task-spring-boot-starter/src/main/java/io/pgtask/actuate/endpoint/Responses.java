package io.pgtask.actuate.endpoint;

import java.util.Optional;
import java.util.function.Supplier;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.actuate.endpoint.Parameters.BadRequestException;

import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * Answers to requests.
 */
final class Responses {

	/** The request was understood, and will be carried out by somebody else. */
	private static final int ACCEPTED = 202;

	/** The request does not fit what the task, its type or the worker is doing. */
	static final int CONFLICT = 409;

	private Responses() {
	}

	/** Answer a request that may turn out not to be understood. */
	static WebEndpointResponse<Object> to(Supplier<WebEndpointResponse<Object>> response) {
		try {
			return response.get();
		}
		catch (BadRequestException ex) {
			return message(WebEndpointResponse.STATUS_BAD_REQUEST, String.valueOf(ex.getMessage()));
		}
	}

	static WebEndpointResponse<Object> unknown(String section) {
		return message(WebEndpointResponse.STATUS_NOT_FOUND,
				"There is no '%s' here, only tasks, types, worker, history, dead and housekeeping".formatted(section));
	}

	static WebEndpointResponse<Object> found(Optional<?> task, String notFound) {
		return task.map((found) -> new WebEndpointResponse<Object>(found))
			.orElseGet(() -> message(WebEndpointResponse.STATUS_NOT_FOUND, notFound));
	}

	/** The status that tells what an action did. */
	static int status(ActionResult result) {
		return switch (result) {
			case DONE -> WebEndpointResponse.STATUS_OK;
			case REQUESTED -> ACCEPTED;
			case NOT_FOUND -> WebEndpointResponse.STATUS_NOT_FOUND;
			case RUNNING, NOT_APPLICABLE -> CONFLICT;
		};
	}

	static WebEndpointResponse<Object> ok(String message) {
		return message(WebEndpointResponse.STATUS_OK, message);
	}

	static WebEndpointResponse<Object> message(int status, String message) {
		return new WebEndpointResponse<>(new MessageDescriptor(message), status);
	}

}
