package io.pgtask;

import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Which tasks to find, newest id first, a page at a time.
 *
 * @param selection which tasks
 * @param before the id of the last task of the previous page; the page holds smaller ids
 * @param limit the size of the page, between 1 and 1,000
 */
public record TaskQuery(TaskSelection selection, @Nullable UUID before, int limit) {

	/** The size of a page unless told otherwise. */
	public static final int DEFAULT_LIMIT = 50;

	/** The largest page. */
	public static final int MAX_LIMIT = 1000;

	public TaskQuery {
		Objects.requireNonNull(selection, "The selection must not be null; use TaskSelection.all() to find all tasks");
		if (limit < 1 || limit > MAX_LIMIT) {
			throw new IllegalArgumentException("The limit must be between 1 and " + MAX_LIMIT + " but is " + limit);
		}
	}

	/**
	 * Find the newest tasks of any kind.
	 * @return the query
	 */
	public static TaskQuery all() {
		return of(TaskSelection.all());
	}

	/**
	 * Find the newest tasks of a selection.
	 * @param selection which tasks
	 * @return the query
	 */
	public static TaskQuery of(TaskSelection selection) {
		return new TaskQuery(selection, null, DEFAULT_LIMIT);
	}

	/**
	 * Narrow the query to a task type.
	 * @param taskType the persisted name of the task type
	 * @return the narrowed query
	 */
	public TaskQuery ofType(String taskType) {
		return select(this.selection.ofType(taskType));
	}

	/**
	 * Narrow the query to a step.
	 * @param step the persisted name of the step
	 * @return the narrowed query
	 */
	public TaskQuery atStep(String step) {
		return select(this.selection.atStep(step));
	}

	/**
	 * Narrow the query to a state.
	 * @param state what the tasks are doing
	 * @return the narrowed query
	 */
	public TaskQuery in(TaskState state) {
		return select(this.selection.in(state));
	}

	/**
	 * Narrow the query to a tag.
	 * @param tag a tag the tasks were enqueued with
	 * @return the narrowed query
	 */
	public TaskQuery tagged(String tag) {
		return select(this.selection.tagged(tag));
	}

	/**
	 * Go on with the page behind a task.
	 * @param before the id of the last task of the previous page
	 * @return the query of the next page
	 */
	public TaskQuery before(UUID before) {
		return new TaskQuery(this.selection, before, this.limit);
	}

	/**
	 * Set the size of a page.
	 * @param limit the size, between 1 and 1,000
	 * @return the changed query
	 */
	public TaskQuery limit(int limit) {
		return new TaskQuery(this.selection, this.before, limit);
	}

	private TaskQuery select(TaskSelection selection) {
		return new TaskQuery(selection, this.before, this.limit);
	}

}
