package io.pgtask;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Which ended tasks to find, latest end first, a page at a time. Every part that is
 * {@code null} matches all tasks.
 *
 * @param taskType the persisted name of the task type
 * @param outcome how the tasks ended
 * @param tag a tag of the tasks
 * @param errorContains a text that their error contains, in upper or lower case; no
 * character has a special meaning
 * @param from the tasks ended at this time or later
 * @param to the tasks ended before this time
 * @param before the id of the last task of the previous page
 * @param limit the size of the page, between 1 and 1,000
 */
public record HistoryQuery(@Nullable String taskType, @Nullable TaskOutcome outcome, @Nullable String tag,
		@Nullable String errorContains, @Nullable Instant from, @Nullable Instant to, @Nullable UUID before,
		int limit) {

	public HistoryQuery {
		if (limit < 1 || limit > TaskQuery.MAX_LIMIT) {
			throw new IllegalArgumentException(
					"The limit must be between 1 and " + TaskQuery.MAX_LIMIT + " but is " + limit);
		}
	}

	/**
	 * Find the tasks that ended last.
	 * @return the query
	 */
	public static HistoryQuery all() {
		return new HistoryQuery(null, null, null, null, null, null, null, TaskQuery.DEFAULT_LIMIT);
	}

	/**
	 * Narrow the query to a task type.
	 * @param taskType the persisted name of the task type
	 * @return the narrowed query
	 */
	public HistoryQuery ofType(String taskType) {
		return new HistoryQuery(taskType, this.outcome, this.tag, this.errorContains, this.from, this.to, this.before,
				this.limit);
	}

	/**
	 * Narrow the query to an outcome.
	 * @param outcome how the tasks ended
	 * @return the narrowed query
	 */
	public HistoryQuery endedAs(TaskOutcome outcome) {
		return new HistoryQuery(this.taskType, outcome, this.tag, this.errorContains, this.from, this.to, this.before,
				this.limit);
	}

	/**
	 * Narrow the query to a tag.
	 * @param tag a tag the tasks were enqueued with
	 * @return the narrowed query
	 */
	public HistoryQuery tagged(String tag) {
		return new HistoryQuery(this.taskType, this.outcome, tag, this.errorContains, this.from, this.to, this.before,
				this.limit);
	}

	/**
	 * Narrow the query to errors. No index has them: name a type, an outcome or a time as
	 * well where there are many records.
	 * @param errorContains a text that the error contains, in upper or lower case
	 * @return the narrowed query
	 */
	public HistoryQuery withError(String errorContains) {
		return new HistoryQuery(this.taskType, this.outcome, this.tag, errorContains, this.from, this.to, this.before,
				this.limit);
	}

	/**
	 * Narrow the query to a time.
	 * @param from the tasks ended at this time or later
	 * @param to the tasks ended before this time
	 * @return the narrowed query
	 */
	public HistoryQuery between(@Nullable Instant from, @Nullable Instant to) {
		return new HistoryQuery(this.taskType, this.outcome, this.tag, this.errorContains, from, to, this.before,
				this.limit);
	}

	/**
	 * Go on with the page behind a task.
	 * @param before the id of the last task of the previous page
	 * @return the query of the next page, which is empty if the record of that task is no
	 * longer kept
	 */
	public HistoryQuery before(UUID before) {
		return new HistoryQuery(this.taskType, this.outcome, this.tag, this.errorContains, this.from, this.to, before,
				this.limit);
	}

	/**
	 * Set the size of a page.
	 * @param limit the size, between 1 and 1,000
	 * @return the changed query
	 */
	public HistoryQuery limit(int limit) {
		return new HistoryQuery(this.taskType, this.outcome, this.tag, this.errorContains, this.from, this.to,
				this.before, limit);
	}

}
