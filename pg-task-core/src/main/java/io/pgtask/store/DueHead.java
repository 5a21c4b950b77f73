package io.pgtask.store;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The first task of an index range, whether it is due or not.
 *
 * @param taskType the persisted name of the task type, or {@code null} for rows whose
 * text names none
 * @param priority the priority
 * @param due when the task is due
 * @param now when it was looked at, by the same clock
 */
public record DueHead(@Nullable String taskType, int priority, Instant due, Instant now) {

	/**
	 * Return how long until the task is due. Subtracted here because the server refuses
	 * to subtract from {@code infinity}.
	 * @return the time, zero or negative if it is due
	 */
	public Duration dueIn() {
		return Duration.between(this.now, this.due);
	}

	/**
	 * Return whether the task may be claimed now.
	 * @return whether it is due
	 */
	public boolean isDue() {
		return !this.due.isAfter(this.now);
	}

}
