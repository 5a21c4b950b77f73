package io.pgtask.actuate.endpoint;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

import io.pgtask.DeadTaskQuery;
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
 * sections {@code tasks} and {@code worker}, {@code history}, {@code dead} and
 * {@code housekeeping}. A request that cannot be understood is answered with 400, one for
 * a task or a worker that is not there with 404, and one that does not fit what the task
 * or the worker is doing with 409, each with a message.
 */
@EndpointWebExtension(endpoint = PgTaskEndpoint.class)
public class PgTaskEndpointWebExtension {

	private static final String TASKS = "tasks";

	private static final String WORKER = "worker";

	private static final String HISTORY = "history";

	private static final String DEAD = "dead";

	private static final String HOUSEKEEPING = "housekeeping";

	private static final int CONFLICT = 409;

	private final PgTaskEndpoint delegate;

	private final PgTaskAfterwards afterwards;

	private final Show showValues;

	private final Set<String> roles;

	/**
	 * Create an extension.
	 * @param delegate the endpoint
	 * @param afterwards what there is about tasks that are no longer in the table
	 * @param showValues when to show states, errors and headers
	 * @param roles whom to show them to, if not to everybody
	 */
	public PgTaskEndpointWebExtension(PgTaskEndpoint delegate, PgTaskAfterwards afterwards, Show showValues,
			Set<String> roles) {
		this.delegate = delegate;
		this.afterwards = afterwards;
		this.showValues = showValues;
		this.roles = roles;
	}

	/**
	 * Return this node's worker, or a page of tasks, of ended ones or of dead ones.
	 * @param securityContext who asks
	 * @param section {@code tasks}, {@code worker}, {@code history} or {@code dead}
	 * @param type the persisted name of a task type, or {@code null} for all
	 * @param step the persisted name of a step, or {@code null} for all
	 * @param state what the tasks are doing, or {@code null} for all
	 * @param tag a tag of the tasks, or {@code null} for all
	 * @param outcome how ended tasks have ended, or {@code null} for all
	 * @param from since when they have ended, or {@code null} for all
	 * @param to before when they have ended, or {@code null} for all
	 * @param error what the error of dead tasks contains, or {@code null} for all
	 * @param before where the previous page ended, or {@code null} for the first page
	 * @param limit the size of the page, or {@code null} for the default
	 * @return the response
	 */
	@ReadOperation
	public WebEndpointResponse<Object> section(SecurityContext securityContext, @Selector String section,
			@Nullable String type, @Nullable String step, @Nullable String state, @Nullable String tag,
			@Nullable String outcome, @Nullable String from, @Nullable String to, @Nullable String error,
			@Nullable String before, @Nullable String limit) {
		return switch (section) {
			case TASKS -> respond(() -> new WebEndpointResponse<>(this.delegate
				.tasks(Parameters.query(type, step, state, tag, before, limit), showsValues(securityContext))));
			case HISTORY -> respond(() -> new WebEndpointResponse<>(
					this.afterwards.history(Parameters.historyQuery(type, outcome, tag, from, to, before, limit),
							showsValues(securityContext))));
			case DEAD -> respond(() -> new WebEndpointResponse<>(this.afterwards
				.dead(Parameters.deadQuery(type, step, tag, error, before, limit), showsValues(securityContext))));
			case WORKER -> withWorker((worker) -> new WebEndpointResponse<>(WorkerDescriptor.of(worker)));
			default -> unknown(section);
		};
	}

	/**
	 * Return one task, an ended or a dead one.
	 * @param securityContext who asks
	 * @param section {@code tasks}, {@code history} or {@code dead}
	 * @param id the task's id
	 * @return the response
	 */
	@ReadOperation
	public WebEndpointResponse<Object> task(SecurityContext securityContext, @Selector String section,
			@Selector String id) {
		return switch (section) {
			case TASKS -> respond(() -> found(this.delegate.task(Parameters.id("id", id), showsValues(securityContext)),
					TaskAction.RETRY.describe(ActionResult.NOT_FOUND)));
			case HISTORY ->
				respond(() -> found(this.afterwards.ended(Parameters.id("id", id), showsValues(securityContext)),
						"There is no record of such a task: it has not ended, or its record was not kept"));
			case DEAD ->
				respond(() -> found(this.afterwards.dead(Parameters.id("id", id), showsValues(securityContext)),
						DeadTaskAction.REDRIVE.describe(ActionResult.NOT_FOUND)));
			default -> unknown(section);
		};
	}

	/**
	 * Retry, cancel, delete or reschedule a task; or move a dead one back, or delete it.
	 * @param section {@code tasks} or {@code dead}
	 * @param id the task's id
	 * @param action what to do
	 * @param at the new time, if the task is to be rescheduled
	 * @return the response
	 */
	@WriteOperation
	public WebEndpointResponse<Object> act(@Selector String section, @Selector String id, @Nullable String action,
			@Nullable String at) {
		if (section.equals(DEAD)) {
			return respond(() -> perform(Parameters.constant("action", DeadTaskAction.class, action),
					Parameters.id("id", id)));
		}
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
	 * Delete a task, or a dead one.
	 * @param section {@code tasks} or {@code dead}
	 * @param id the task's id
	 * @return the response
	 */
	@DeleteOperation
	public WebEndpointResponse<Object> delete(@Selector String section, @Selector String id) {
		if (section.equals(DEAD)) {
			return respond(() -> perform(DeadTaskAction.DELETE, Parameters.id("id", id)));
		}
		if (!section.equals(TASKS)) {
			return unknown(section);
		}
		return respond(() -> perform(TaskAction.DELETE, Parameters.id("id", id), null));
	}

	/**
	 * Start or stop this node's worker; stopping is not waited for. Or move dead tasks
	 * back, or keep house.
	 * @param section {@code worker}, {@code dead} or {@code housekeeping}
	 * @param state {@code running} or {@code stopped}, for the worker
	 * @param action {@code redrive}, for dead tasks
	 * @param type the persisted name of their task type, or {@code null} for all
	 * @param step the persisted name of their step, or {@code null} for all
	 * @param tag a tag of them, or {@code null} for all
	 * @param error what their error contains, or {@code null} for all
	 * @param preview {@code true} to only count them
	 * @return the response
	 */
	@WriteOperation
	public WebEndpointResponse<Object> changeSection(@Selector String section, @Nullable String state,
			@Nullable String action, @Nullable String type, @Nullable String step, @Nullable String tag,
			@Nullable String error, @Nullable String preview) {
		if (section.equals(HOUSEKEEPING)) {
			return new WebEndpointResponse<>(this.afterwards.keepHouse());
		}
		if (section.equals(DEAD)) {
			return respond(() -> {
				Parameters.constant("action", BulkAction.class, action);
				DeadTaskQuery query = Parameters.deadQuery(type, step, tag, error, null, null);
				return new WebEndpointResponse<>(this.afterwards.redrive(query, Boolean.parseBoolean(preview)));
			});
		}
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
		return message(status(result), action.describe(result));
	}

	private WebEndpointResponse<Object> perform(DeadTaskAction action, UUID id) {
		ActionResult result = this.afterwards.perform(action, id);
		return message(status(result), action.describe(result));
	}

	private static int status(ActionResult result) {
		return switch (result) {
			case DONE -> WebEndpointResponse.STATUS_OK;
			case NOT_FOUND -> WebEndpointResponse.STATUS_NOT_FOUND;
			case RUNNING, NOT_APPLICABLE -> CONFLICT;
		};
	}

	private static WebEndpointResponse<Object> found(Optional<?> task, String notFound) {
		return task.map((found) -> new WebEndpointResponse<Object>(found))
			.orElseGet(() -> message(WebEndpointResponse.STATUS_NOT_FOUND, notFound));
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
				"There is no '%s' here, only tasks, worker, history, dead and housekeeping".formatted(section));
	}

	private static WebEndpointResponse<Object> message(int status, String message) {
		return new WebEndpointResponse<>(new MessageDescriptor(message), status);
	}

	/**
	 * What can be done to many dead tasks at once.
	 */
	private enum BulkAction {

		REDRIVE

	}

	/**
	 * What the worker can be told to be.
	 */
	private enum WantedState {

		RUNNING, STOPPED

	}

}
