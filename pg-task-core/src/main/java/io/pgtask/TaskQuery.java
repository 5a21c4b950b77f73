package io.pgtask;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Which tasks to find, newest id first, a page at a time. Every part that is {@code null}
 * matches all tasks.
 *
 * @param taskType the persisted name of the task type
 * @param step the persisted name of the step
 * @param state what the tasks are doing
 * @param tag a tag of the tasks
 * @param before the id of the last task of the previous page; the page holds smaller ids
 * @param limit the size of the page, between 1 and 1,000
 */
public record TaskQuery(@Nullable String taskType, @Nullable String step, @Nullable TaskState state,
		@Nullable String tag, @Nullable UUID before, int limit) {

	/** The size of a page unless told otherwise. */
	public static final int DEFAULT_LIMIT = 50;

	/** The largest page. */
	public static final int MAX_LIMIT = 1000;

	public TaskQuery {
		if (limit < 1 || limit > MAX_LIMIT) {
			throw new IllegalArgumentException("The limit must be between 1 and " + MAX_LIMIT + " but is " + limit);
		}
	}

	/**
	 * Find the newest tasks of any kind.
	 * @return the query
	 */
	public static TaskQuery all() {
		return new TaskQuery(null, null, null, null, null, DEFAULT_LIMIT);
	}

	/**
	 * Narrow the query to a task type.
	 * @param taskType the persisted name of the task type
	 * @return the narrowed query
	 */
	public TaskQuery ofType(String taskType) {
		return new TaskQuery(taskType, this.step, this.state, this.tag, this.before, this.limit);
	}

	/**
	 * Narrow the query to a step.
	 * @param step the persisted name of the step
	 * @return the narrowed query
	 */
	public TaskQuery atStep(String step) {
		return new TaskQuery(this.taskType, step, this.state, this.tag, this.before, this.limit);
	}

	/**
	 * Narrow the query to a state.
	 * @param state what the tasks are doing
	 * @return the narrowed query
	 */
	public TaskQuery in(TaskState state) {
		return new TaskQuery(this.taskType, this.step, state, this.tag, this.before, this.limit);
	}

	/**
	 * Narrow the query to a tag.
	 * @param tag a tag the tasks were enqueued with
	 * @return the narrowed query
	 */
	public TaskQuery tagged(String tag) {
		return new TaskQuery(this.taskType, this.step, this.state, tag, this.before, this.limit);
	}

	/**
	 * Go on with the page behind a task.
	 * @param before the id of the last task of the previous page
	 * @return the query of the next page
	 */
	public TaskQuery before(UUID before) {
		return new TaskQuery(this.taskType, this.step, this.state, this.tag, before, this.limit);
	}

	/**
	 * Set the size of a page.
	 * @param limit the size, between 1 and 1,000
	 * @return the changed query
	 */
	public TaskQuery limit(int limit) {
		return new TaskQuery(this.taskType, this.step, this.state, this.tag, this.before, limit);
	}

}
