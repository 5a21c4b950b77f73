package io.pgtask;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Which tasks an operator means. Every part that is {@code null} matches all tasks, and a
 * task has to match every part.
 *
 * @param taskType the persisted name of the task type
 * @param step the persisted name of the step
 * @param state what the tasks are doing
 * @param tag a tag of the tasks
 * @param uniqueKey the unique key of the task
 * @param errorContains a part of the error the tasks are parked with, in upper or lower
 * case; such tasks are {@link TaskState#ERRORED}
 * @param olderThan how long ago the tasks were enqueued at least, by the database's clock
 * @param unchangedFor how long ago the tasks last changed at least: for parked tasks, how
 * long they have been parked
 */
public record TaskSelection(@Nullable String taskType, @Nullable String step, @Nullable TaskState state,
		@Nullable String tag, @Nullable String uniqueKey, @Nullable String errorContains, @Nullable Duration olderThan,
		@Nullable Duration unchangedFor) {

	private static final TaskSelection ALL = new TaskSelection(null, null, null, null, null, null, null, null);

	public TaskSelection {
		requireNotNegative(olderThan, "age");
		requireNotNegative(unchangedFor, "time without a change");
		if (errorContains != null && state == null) {
			state = TaskState.ERRORED;
		}
	}

	/**
	 * Select all tasks.
	 * @return the selection
	 */
	public static TaskSelection all() {
		return ALL;
	}

	/**
	 * Return whether the selection has no part, and so means every task there is.
	 * @return whether nothing is left out
	 */
	public boolean isAll() {
		return equals(ALL);
	}

	/**
	 * Narrow the selection to a task type.
	 * @param taskType the persisted name of the task type
	 * @return the narrowed selection
	 */
	public TaskSelection ofType(String taskType) {
		return new TaskSelection(taskType, this.step, this.state, this.tag, this.uniqueKey, this.errorContains,
				this.olderThan, this.unchangedFor);
	}

	/**
	 * Narrow the selection to a step.
	 * @param step the persisted name of the step
	 * @return the narrowed selection
	 */
	public TaskSelection atStep(String step) {
		return new TaskSelection(this.taskType, step, this.state, this.tag, this.uniqueKey, this.errorContains,
				this.olderThan, this.unchangedFor);
	}

	/**
	 * Narrow the selection to a state.
	 * @param state what the tasks are doing
	 * @return the narrowed selection
	 */
	public TaskSelection in(TaskState state) {
		return new TaskSelection(this.taskType, this.step, state, this.tag, this.uniqueKey, this.errorContains,
				this.olderThan, this.unchangedFor);
	}

	/**
	 * Narrow the selection to a tag.
	 * @param tag a tag the tasks were enqueued with
	 * @return the narrowed selection
	 */
	public TaskSelection tagged(String tag) {
		return new TaskSelection(this.taskType, this.step, this.state, tag, this.uniqueKey, this.errorContains,
				this.olderThan, this.unchangedFor);
	}

	/**
	 * Narrow the selection to the task of each type that has a unique key.
	 * @param uniqueKey the key
	 * @return the narrowed selection
	 */
	public TaskSelection withUniqueKey(String uniqueKey) {
		return new TaskSelection(this.taskType, this.step, this.state, this.tag, uniqueKey, this.errorContains,
				this.olderThan, this.unchangedFor);
	}

	/**
	 * Narrow the selection to tasks parked with an error.
	 * @param errorContains a part of the error, in upper or lower case
	 * @return the narrowed selection
	 */
	public TaskSelection withErrorContaining(String errorContains) {
		return new TaskSelection(this.taskType, this.step, this.state, this.tag, this.uniqueKey, errorContains,
				this.olderThan, this.unchangedFor);
	}

	/**
	 * Narrow the selection to tasks that were enqueued some time ago.
	 * @param olderThan how long ago at least
	 * @return the narrowed selection
	 */
	public TaskSelection olderThan(Duration olderThan) {
		return new TaskSelection(this.taskType, this.step, this.state, this.tag, this.uniqueKey, this.errorContains,
				olderThan, this.unchangedFor);
	}

	/**
	 * Narrow the selection to tasks that have not changed for some time.
	 * @param unchangedFor for how long at least
	 * @return the narrowed selection
	 */
	public TaskSelection unchangedFor(Duration unchangedFor) {
		return new TaskSelection(this.taskType, this.step, this.state, this.tag, this.uniqueKey, this.errorContains,
				this.olderThan, unchangedFor);
	}

	private static void requireNotNegative(@Nullable Duration duration, String what) {
		if (duration != null && duration.isNegative()) {
			throw new IllegalArgumentException("The " + what + " must not be negative but is " + duration);
		}
	}

}
