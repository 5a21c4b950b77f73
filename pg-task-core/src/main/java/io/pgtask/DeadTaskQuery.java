package io.pgtask;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Which dead tasks to find or to move back, newest id first. Every part that is
 * {@code null} matches all tasks.
 *
 * @param taskType the persisted name of the task type
 * @param step the persisted name of the step they stopped at
 * @param tag a tag of the tasks
 * @param errorContains a text that their error contains, in upper or lower case; no
 * character has a special meaning
 * @param parkedBefore they were parked before this time
 * @param before the id of the last task of the previous page; the page holds smaller ids
 * @param limit the size of the page, between 1 and 1,000
 */
public record DeadTaskQuery(@Nullable String taskType, @Nullable String step, @Nullable String tag,
		@Nullable String errorContains, @Nullable Instant parkedBefore, @Nullable UUID before, int limit) {

	public DeadTaskQuery {
		if (limit < 1 || limit > TaskQuery.MAX_LIMIT) {
			throw new IllegalArgumentException(
					"The limit must be between 1 and " + TaskQuery.MAX_LIMIT + " but is " + limit);
		}
	}

	/**
	 * Find dead tasks of any kind.
	 * @return the query
	 */
	public static DeadTaskQuery all() {
		return new DeadTaskQuery(null, null, null, null, null, null, TaskQuery.DEFAULT_LIMIT);
	}

	/**
	 * Narrow the query to a task type.
	 * @param taskType the persisted name of the task type
	 * @return the narrowed query
	 */
	public DeadTaskQuery ofType(String taskType) {
		return new DeadTaskQuery(taskType, this.step, this.tag, this.errorContains, this.parkedBefore, this.before,
				this.limit);
	}

	/**
	 * Narrow the query to a step.
	 * @param step the persisted name of the step
	 * @return the narrowed query
	 */
	public DeadTaskQuery atStep(String step) {
		return new DeadTaskQuery(this.taskType, step, this.tag, this.errorContains, this.parkedBefore, this.before,
				this.limit);
	}

	/**
	 * Narrow the query to a tag.
	 * @param tag a tag the tasks were enqueued with
	 * @return the narrowed query
	 */
	public DeadTaskQuery tagged(String tag) {
		return new DeadTaskQuery(this.taskType, this.step, tag, this.errorContains, this.parkedBefore, this.before,
				this.limit);
	}

	/**
	 * Narrow the query to errors.
	 * @param errorContains a text that the error contains
	 * @return the narrowed query
	 */
	public DeadTaskQuery withError(String errorContains) {
		return new DeadTaskQuery(this.taskType, this.step, this.tag, errorContains, this.parkedBefore, this.before,
				this.limit);
	}

	/**
	 * Narrow the query to tasks that were parked before a time.
	 * @param parkedBefore the time
	 * @return the narrowed query
	 */
	public DeadTaskQuery parkedBefore(Instant parkedBefore) {
		return new DeadTaskQuery(this.taskType, this.step, this.tag, this.errorContains, parkedBefore, this.before,
				this.limit);
	}

	/**
	 * Go on with the page behind a task.
	 * @param before the id of the last task of the previous page
	 * @return the query of the next page
	 */
	public DeadTaskQuery before(UUID before) {
		return new DeadTaskQuery(this.taskType, this.step, this.tag, this.errorContains, this.parkedBefore, before,
				this.limit);
	}

	/**
	 * Set the size of a page.
	 * @param limit the size, between 1 and 1,000
	 * @return the changed query
	 */
	public DeadTaskQuery limit(int limit) {
		return new DeadTaskQuery(this.taskType, this.step, this.tag, this.errorContains, this.parkedBefore, this.before,
				limit);
	}

}
