package io.pgtask.model;

import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOutcome;

/**
 * What an operator's actions should do to the table.
 */
final class ExpectedAdmin {

	private final ExpectedTable table;

	private final boolean sharedWithRust;

	/**
	 * Create an operator.
	 * @param sharedWithRust whether a task that is parked by hand may have been parked by
	 * a Rust worker
	 */
	ExpectedAdmin(ExpectedTable table, boolean sharedWithRust) {
		this.table = table;
		this.sharedWithRust = sharedWithRust;
	}

	ActionResult operate(Operation operation, UUID id) {
		ExpectedTask task = this.table.find(id);
		if (task == null) {
			return ActionResult.NOT_FOUND;
		}
		if (operation == Operation.RETRY_BY_SQL) {
			task.errored = false;
			return ActionResult.DONE;
		}
		if (operation == Operation.PARK_BY_SQL) {
			parkByHand(task);
			return ActionResult.DONE;
		}
		if (task.isLeased(this.table.now())) {
			return operateOnRunning(operation, task);
		}
		if (task.errored ? operation == Operation.RESCHEDULE : operation.isForErrors()) {
			return ActionResult.NOT_APPLICABLE;
		}
		change(operation, task);
		return ActionResult.DONE;
	}

	private void parkByHand(ExpectedTask task) {
		if (this.sharedWithRust && !task.errored && !task.parked) {
			task.parked = true;
			task.deadline = null;
		}
		task.errored = true;
	}

	private static ActionResult operateOnRunning(Operation operation, ExpectedTask task) {
		if (operation != Operation.CANCEL) {
			return ActionResult.RUNNING;
		}
		task.cancelRequested = true;
		return ActionResult.REQUESTED;
	}

	private void change(Operation operation, ExpectedTask task) {
		switch (operation) {
			case CANCEL -> this.table.end(task, TaskOutcome.CANCELLED);
			case DELETE -> this.table.end(task, TaskOutcome.DELETED);
			case RETRY -> retry(task);
			case RESUME -> {
				retry(task);
				task.at++;
				task.forgetFailures();
			}
			case RESCHEDULE -> reschedule(task);
			case PRIORITIZE -> task.priority = Operation.PRIORITY;
			case RETRY_BY_SQL, PARK_BY_SQL -> throw new IllegalStateException("It is possible always");
		}
	}

	private void retry(ExpectedTask task) {
		task.restart();
		task.due = this.table.now();
	}

	private void reschedule(ExpectedTask task) {
		long due = this.table.now() + Operation.HOURS;
		if (task.reserved) {
			task.heldDue = due;
		}
		else {
			task.due = due;
		}
		task.token = null;
	}

}
