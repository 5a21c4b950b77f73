package io.pgtask.actuate.endpoint;

import java.util.UUID;

import io.pgtask.DeadTaskQuery;
import io.pgtask.HistoryQuery;
import io.pgtask.TaskAdmin.ActionResult;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * What can be seen of tasks that are no longer in the table, and done about them.
 */
final class AfterwardsOperations {

	private final PgTaskAfterwards afterwards;

	AfterwardsOperations(PgTaskAfterwards afterwards) {
		this.afterwards = afterwards;
	}

	WebEndpointResponse<Object> history(HistoryQuery query, boolean showValues) {
		return new WebEndpointResponse<>(this.afterwards.history(query, showValues));
	}

	WebEndpointResponse<Object> ended(UUID id, boolean showValues) {
		return Responses.found(this.afterwards.ended(id, showValues),
				"There is no record of such a task: it has not ended, or its record was not kept");
	}

	WebEndpointResponse<Object> dead(DeadTaskQuery query, boolean showValues) {
		return new WebEndpointResponse<>(this.afterwards.dead(query, showValues));
	}

	WebEndpointResponse<Object> dead(UUID id, boolean showValues) {
		return Responses.found(this.afterwards.dead(id, showValues),
				DeadTaskAction.REDRIVE.describe(ActionResult.NOT_FOUND));
	}

	/** Act on one dead task. */
	WebEndpointResponse<Object> act(UUID id, @Nullable String action) {
		return perform(Parameters.constant("action", DeadTaskAction.class, action), id);
	}

	/** Delete one dead task. */
	WebEndpointResponse<Object> delete(UUID id) {
		return perform(DeadTaskAction.DELETE, id);
	}

	private WebEndpointResponse<Object> perform(DeadTaskAction action, UUID id) {
		ActionResult result = this.afterwards.perform(action, id);
		return Responses.message(Responses.status(result), action.describe(result));
	}

	/** Act on many dead tasks, or tell how many there are. */
	WebEndpointResponse<Object> actOnAll(DeadTaskQuery query, @Nullable String action, boolean preview) {
		return switch (Parameters.constant("action", BulkAction.class, action)) {
			case REDRIVE -> new WebEndpointResponse<>(this.afterwards.redrive(query, preview));
		};
	}

	WebEndpointResponse<Object> keepHouse() {
		return new WebEndpointResponse<>(this.afterwards.keepHouse());
	}

	/**
	 * What can be done to many dead tasks at once.
	 */
	private enum BulkAction {

		REDRIVE

	}

}
