package io.pgtask.actuate.endpoint;

import java.util.Set;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskQuery;
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
 * sections {@code tasks}, {@code types} and {@code worker}, {@code history}, {@code dead}
 * and {@code housekeeping}. A request that cannot be understood is answered with 400, one
 * for a task or a worker that is not there with 404, and one that does not fit what the
 * task, its type or the worker is doing with 409, each with a message.
 */
@EndpointWebExtension(endpoint = PgTaskEndpoint.class)
public class PgTaskEndpointWebExtension {

	private static final String TASKS = "tasks";

	private static final String TYPES = "types";

	private static final String WORKER = "worker";

	private static final String HISTORY = "history";

	private static final String DEAD = "dead";

	private static final String HOUSEKEEPING = "housekeeping";

	private final PgTaskEndpoint delegate;

	private final AfterwardsOperations afterwards;

	private final TaskOperations tasks;

	private final TypeOperations types;

	private final WorkerOperations worker;

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
		this.afterwards = new AfterwardsOperations(afterwards);
		this.tasks = new TaskOperations(delegate.admin());
		this.types = new TypeOperations(delegate.admin());
		this.worker = new WorkerOperations(delegate.worker());
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
	 * @param key the unique key of the task, or {@code null} for all
	 * @param error a part of the error the tasks are parked with, or dead or ended ones
	 * were, or {@code null} for all
	 * @param olderThan how long ago the tasks were enqueued at least, or {@code null}
	 * @param unchangedFor how long ago the tasks last changed at least, or {@code null}
	 * @param outcome how ended tasks have ended, or {@code null} for all
	 * @param from since when they have ended, or {@code null} for all
	 * @param to before when they have ended, or {@code null} for all
	 * @param before where the previous page ended, or {@code null} for the first page
	 * @param limit the size of the page, or {@code null} for the default
	 * @return the response
	 */
	@ReadOperation
	public WebEndpointResponse<Object> section(SecurityContext securityContext, @Selector String section,
			@Nullable String type, @Nullable String step, @Nullable String state, @Nullable String tag,
			@Nullable String key, @Nullable String error, @Nullable String olderThan, @Nullable String unchangedFor,
			@Nullable String outcome, @Nullable String from, @Nullable String to, @Nullable String before,
			@Nullable String limit) {
		return switch (section) {
			case TASKS -> Responses.to(() -> {
				SelectionParameters selection = new SelectionParameters(type, step, state, tag, key, error, olderThan,
						unchangedFor);
				TaskQuery query = Parameters.query(selection.toSelection(), before, limit);
				return new WebEndpointResponse<>(this.delegate.tasks(query, showsValues(securityContext)));
			});
			case HISTORY -> Responses.to(() -> this.afterwards.history(
					Parameters.historyQuery(type, outcome, tag, error, from, to, before, limit),
					showsValues(securityContext)));
			case DEAD -> Responses.to(() -> this.afterwards
				.dead(Parameters.deadQuery(type, step, tag, error, before, limit), showsValues(securityContext)));
			case WORKER -> this.worker.show();
			default -> Responses.unknown(section);
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
			case TASKS -> Responses
				.to(() -> Responses.found(this.delegate.task(Parameters.id("id", id), showsValues(securityContext)),
						TaskAction.RETRY.describe(ActionResult.NOT_FOUND)));
			case HISTORY ->
				Responses.to(() -> this.afterwards.ended(Parameters.id("id", id), showsValues(securityContext)));
			case DEAD ->
				Responses.to(() -> this.afterwards.dead(Parameters.id("id", id), showsValues(securityContext)));
			default -> Responses.unknown(section);
		};
	}

	/**
	 * Retry, resume, cancel, delete, reschedule or prioritize a task, pause or resume a
	 * task type, or move a dead task back or delete it.
	 * @param section {@code tasks}, {@code types} or {@code dead}
	 * @param id the task's id, or the persisted name of the task type
	 * @param action what to do
	 * @param step the step a task is to be resumed from
	 * @param stateJson the JSON of the state a task is to be retried or resumed with
	 * @param at the new time, if the task is to be rescheduled
	 * @param priority the new priority, if the task is to be prioritized
	 * @param reason why the type is paused
	 * @return the response
	 */
	@WriteOperation
	public WebEndpointResponse<Object> act(@Selector String section, @Selector String id, @Nullable String action,
			@Nullable String step, @Nullable String stateJson, @Nullable String at, @Nullable String priority,
			@Nullable String reason) {
		return switch (section) {
			case TASKS -> Responses.to(() -> this.tasks.act(Parameters.id("id", id),
					new ActionParameters(action, step, stateJson, at, priority)));
			case TYPES -> Responses.to(() -> this.types.act(id, action, reason));
			case DEAD -> Responses.to(() -> this.afterwards.act(Parameters.id("id", id), action));
			default -> Responses.unknown(section);
		};
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
			return Responses.to(() -> this.afterwards.delete(Parameters.id("id", id)));
		}
		if (!section.equals(TASKS)) {
			return Responses.unknown(section);
		}
		return Responses.to(() -> this.tasks.delete(Parameters.id("id", id)));
	}

	/**
	 * Retry, cancel, delete, reschedule or prioritize all tasks of a selection, move dead
	 * tasks back, keep house, or start or stop this node's worker. The tasks are waited
	 * for, the worker is not.
	 * @param section {@code tasks}, {@code dead}, {@code housekeeping} or {@code worker}
	 * @param action what to do
	 * @param preview {@code true} to be told only how many tasks are meant
	 * @param type the persisted name of a task type, or {@code null} for all
	 * @param step the persisted name of a step, or {@code null} for all
	 * @param state what the tasks are doing, or {@code null} for all; for the worker
	 * {@code running} or {@code stopped}
	 * @param tag a tag of the tasks, or {@code null} for all
	 * @param key the unique key of the task, or {@code null} for all
	 * @param error a part of the error the tasks are parked with, or the dead ones were,
	 * or {@code null} for all
	 * @param olderThan how long ago the tasks were enqueued at least, or {@code null}
	 * @param unchangedFor how long ago the tasks last changed at least, or {@code null}
	 * @param stateJson refused, because it belongs to one task
	 * @param at the new time, if the tasks are to be rescheduled
	 * @param priority the new priority, if the tasks are to be prioritized
	 * @return the response
	 */
	@WriteOperation
	public WebEndpointResponse<Object> actOnAll(@Selector String section, @Nullable String action,
			@Nullable String preview, @Nullable String type, @Nullable String step, @Nullable String state,
			@Nullable String tag, @Nullable String key, @Nullable String error, @Nullable String olderThan,
			@Nullable String unchangedFor, @Nullable String stateJson, @Nullable String at, @Nullable String priority) {
		return switch (section) {
			case TASKS -> Responses.to(() -> {
				SelectionParameters selection = new SelectionParameters(type, step, state, tag, key, error, olderThan,
						unchangedFor);
				return this.tasks.actOnAll(selection.toNarrowSelection(),
						new ActionParameters(action, null, stateJson, at, priority),
						Parameters.flag("preview", preview));
			});
			case DEAD -> Responses.to(() -> {
				Parameters.refuse("Dead tasks are selected by type, step, tag and error only", state, key, olderThan,
						unchangedFor);
				return this.afterwards.actOnAll(Parameters.deadQuery(type, step, tag, error, null, null), action,
						Parameters.flag("preview", preview));
			});
			case HOUSEKEEPING -> this.afterwards.keepHouse();
			case WORKER -> this.worker.change(state);
			default -> Responses.unknown(section);
		};
	}

	private boolean showsValues(SecurityContext securityContext) {
		return this.showValues.isShown(securityContext, this.roles);
	}

}
