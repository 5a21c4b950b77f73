package io.pgtask.actuate.endpoint;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.actuate.endpoint.Parameters.BadRequestException;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} for the {@link PgTaskEndpoint}: the
 * sections {@code tasks} and {@code worker}. A request that cannot be understood is
 * answered with 400, one for a task or a worker that is not there with 404, and one that
 * does not fit what the task or the worker is doing with 409, each with a message.
 */
@EndpointWebExtension(endpoint = PgTaskEndpoint.class)
public class PgTaskEndpointWebExtension {

	private static final String TASKS = "tasks";

	private static final String WORKER = "worker";

	private static final int CONFLICT = 409;

	private final PgTaskEndpoint delegate;

	private final Show showValues;

	private final Set<String> roles;

	/**
	 * Create an extension.
	 * @param delegate the endpoint
	 * @param showValues when to show states, errors and headers
	 * @param roles whom to show them to, if not to everybody
	 */
	public PgTaskEndpointWebExtension(PgTaskEndpoint delegate, Show showValues, Set<String> roles) {
		this.delegate = delegate;
		this.showValues = showValues;
		this.roles = roles;
	}

	/**
	 * Return this node's worker, or a page of tasks.
	 * @param securityContext who asks
	 * @param section {@code tasks} or {@code worker}
	 * @param type the persisted name of a task type, or {@code null} for all
	 * @param step the persisted name of a step, or {@code null} for all
	 * @param state what the tasks are doing, or {@code null} for all
	 * @param tag a tag of the tasks, or {@code null} for all
	 * @param before where the previous page ended, or {@code null} for the first page
	 * @param limit the size of the page, or {@code null} for the default
	 * @return the response
	 */
	@ReadOperation
	public WebEndpointResponse<Object> section(SecurityContext securityContext, @Selector String section,
			@Nullable String type, @Nullable String step, @Nullable String state, @Nullable String tag,
			@Nullable String before, @Nullable String limit) {
		return switch (section) {
			case TASKS -> respond(() -> new WebEndpointResponse<>(this.delegate
				.tasks(Parameters.query(type, step, state, tag, before, limit), showsValues(securityContext))));
			case WORKER -> withWorker((worker) -> new WebEndpointResponse<>(WorkerDescriptor.of(worker)));
			default -> unknown(section);
		};
	}

	/**
	 * Return one task.
	 * @param securityContext who asks
	 * @param section {@code tasks}
	 * @param id the task's id
	 * @return the response
	 */
	@ReadOperation
	public WebEndpointResponse<Object> task(SecurityContext securityContext, @Selector String section,
			@Selector String id) {
		if (!section.equals(TASKS)) {
			return unknown(section);
		}
		return respond(() -> {
			Optional<TaskDescriptor> task = this.delegate.task(Parameters.id("id", id), showsValues(securityContext));
			return task.map((found) -> new WebEndpointResponse<Object>(found))
				.orElseGet(() -> message(WebEndpointResponse.STATUS_NOT_FOUND,
						TaskAction.RETRY.describe(ActionResult.NOT_FOUND)));
		});
	}

	/**
	 * Retry, cancel, delete or reschedule a task.
	 * @param section {@code tasks}
	 * @param id the task's id
	 * @param action what to do
	 * @param at the new time, if the task is to be rescheduled
	 * @return the response
	 */
	@WriteOperation
	public WebEndpointResponse<Object> act(@Selector String section, @Selector String id, @Nullable String action,
			@Nullable String at) {
		if (!section.equals(TASKS)) {
			return unknown(section);
		}
		return respond(() -> {
			UUID task = Parameters.id("id", id);
			TaskAction parsed = Parameters.constant("action", TaskAction.class, action);
			Instant instant = (parsed == TaskAction.RESCHEDULE) ? Parameters.instant("at", at) : null;
			return perform(parsed, task, instant);
		});
	}

	/**
	 * Delete a task.
	 * @param section {@code tasks}
	 * @param id the task's id
	 * @return the response
	 */
	@DeleteOperation
	public WebEndpointResponse<Object> delete(@Selector String section, @Selector String id) {
		if (!section.equals(TASKS)) {
			return unknown(section);
		}
		return respond(() -> perform(TaskAction.DELETE, Parameters.id("id", id), null));
	}

	/**
	 * Start or stop this node's worker. Stopping is not waited for.
	 * @param section {@code worker}
	 * @param state {@code running} or {@code stopped}
	 * @return the response
	 */
	@WriteOperation
	public WebEndpointResponse<Object> changeWorker(@Selector String section, @Nullable String state) {
		if (!section.equals(WORKER)) {
			return unknown(section);
		}
		return withWorker((worker) -> respond(
				() -> changeWorker(worker, Parameters.constant("state", WantedState.class, state))));
	}

	private WebEndpointResponse<Object> changeWorker(Worker worker, WantedState state) {
		if (state == WantedState.STOPPED) {
			worker.stop();
			return message(WebEndpointResponse.STATUS_OK,
					"The worker claims nothing more, and stops when its running steps have finished");
		}
		if (worker.status().state() == WorkerStatus.State.STOPPING) {
			return message(CONFLICT, "The worker is still stopping; start it again when it has stopped");
		}
		worker.start();
		return message(WebEndpointResponse.STATUS_OK, "The worker runs");
	}

	private WebEndpointResponse<Object> perform(TaskAction action, UUID id, @Nullable Instant at) {
		ActionResult result;
		try {
			result = this.delegate.perform(action, id, at);
		}
		catch (IllegalArgumentException ex) {
			throw new BadRequestException(String.valueOf(ex.getMessage()));
		}
		int status = switch (result) {
			case DONE -> WebEndpointResponse.STATUS_OK;
			case NOT_FOUND -> WebEndpointResponse.STATUS_NOT_FOUND;
			case RUNNING, NOT_APPLICABLE -> CONFLICT;
		};
		return message(status, action.describe(result));
	}

	private boolean showsValues(SecurityContext securityContext) {
		return this.showValues.isShown(securityContext, this.roles);
	}

	private WebEndpointResponse<Object> withWorker(Function<Worker, WebEndpointResponse<Object>> response) {
		Worker worker = this.delegate.worker();
		return (worker != null) ? response.apply(worker) : message(WebEndpointResponse.STATUS_NOT_FOUND,
				"This node has no worker: pg-task.worker.enabled is false, or no bean is annotated with @TaskStep");
	}

	private static WebEndpointResponse<Object> respond(Supplier<WebEndpointResponse<Object>> response) {
		try {
			return response.get();
		}
		catch (BadRequestException ex) {
			return message(WebEndpointResponse.STATUS_BAD_REQUEST, String.valueOf(ex.getMessage()));
		}
	}

	private static WebEndpointResponse<Object> unknown(String section) {
		return message(WebEndpointResponse.STATUS_NOT_FOUND,
				"There is no '%s' here, only tasks and worker".formatted(section));
	}

	private static WebEndpointResponse<Object> message(int status, String message) {
		return new WebEndpointResponse<>(new MessageDescriptor(message), status);
	}

	/**
	 * What the worker can be told to be.
	 */
	private enum WantedState {

		RUNNING, STOPPED

	}

}
