package io.pgtask.store;

import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;

/**
 * What an operator does to a task by its id.
 */
enum AdminAction {

	RETRY, CANCEL, DELETE, RESCHEDULE, PRIORITIZE;

	ActionResult act(JdbcTaskAdmin admin, UUID id) {
		return switch (this) {
			case RETRY -> admin.retry(id);
			case CANCEL -> admin.cancel(id);
			case DELETE -> admin.delete(id);
			case RESCHEDULE -> admin.reschedule(id, AdminTasks.LATER);
			case PRIORITIZE -> admin.prioritize(id, 9);
		};
	}

	boolean makesWork() {
		return this != CANCEL && this != DELETE;
	}

}
