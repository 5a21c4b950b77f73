package io.pgtask.actuate.endpoint;

import io.pgtask.TaskSelection;
import io.pgtask.TaskState;
import io.pgtask.actuate.endpoint.Parameters.BadRequestException;
import org.jspecify.annotations.Nullable;

/**
 * The parameters that select tasks, as they were sent.
 *
 * @param type the persisted name of a task type
 * @param step the persisted name of a step
 * @param state what the tasks are doing
 * @param tag a tag of the tasks
 * @param key the unique key of the task
 * @param error a part of the error the tasks are parked with
 * @param olderThan how long ago the tasks were enqueued at least
 * @param unchangedFor how long ago the tasks last changed at least
 */
record SelectionParameters(@Nullable String type, @Nullable String step, @Nullable String state, @Nullable String tag,
		@Nullable String key, @Nullable String error, @Nullable String olderThan, @Nullable String unchangedFor) {

	TaskSelection toSelection() {
		return new TaskSelection(this.type, this.step,
				(this.state != null) ? Parameters.constant("state", TaskState.class, this.state) : null, this.tag,
				this.key, this.error, Parameters.duration("olderThan", this.olderThan),
				Parameters.duration("unchangedFor", this.unchangedFor));
	}

	/** The selection of an action, which must not mean every task by mistake. */
	TaskSelection toNarrowSelection() {
		TaskSelection selection = toSelection();
		if (selection.isAll()) {
			throw new BadRequestException("Say which tasks are meant, by at least one of the parameters type, step,"
					+ " state, tag, key, error, olderThan and unchangedFor");
		}
		return selection;
	}

}
