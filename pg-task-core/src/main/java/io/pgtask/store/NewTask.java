package io.pgtask.store;

import java.time.OffsetDateTime;
import java.util.UUID;

import io.pgtask.TaskOptions;
import org.jspecify.annotations.Nullable;

/**
 * A task that is about to be inserted, as the database takes it.
 *
 * @param id the id
 * @param taskType the persisted name of the task type
 * @param text the text of the row
 * @param headers the JSON of the headers, or {@code null}
 * @param options everything else
 * @param dueAt when it is due, or {@code null}
 * @param startBy the deadline, or {@code null}
 */
record NewTask(UUID id, String taskType, String text, @Nullable String headers, TaskOptions options,
		@Nullable OffsetDateTime dueAt, @Nullable OffsetDateTime startBy) {

	boolean isKeyed() {
		return this.options.uniqueKey() != null;
	}

	/** Whether it is due in any case when it is inserted, whatever the clocks say. */
	boolean isDueAtOnce() {
		return this.options.delay().isZero() && this.options.dueAt() == null;
	}

	boolean hasDeadline() {
		return this.options.startWithin() != null || this.options.startBy() != null;
	}

	/** After how long it is due, 0 if it is due at an instant. */
	long delayMicroseconds() {
		return DatabaseTimes.microseconds(this.options.delay());
	}

	@Nullable Long startWithinMicroseconds() {
		return (this.options.startWithin() != null) ? DatabaseTimes.microseconds(this.options.startWithin()) : null;
	}

	/** The tags as an array literal of PostgreSQL's, or {@code null} for none. */
	@Nullable String tags() {
		return this.options.tags().isEmpty() ? null : DatabaseText.arrayLiteral(this.options.tags());
	}

}
