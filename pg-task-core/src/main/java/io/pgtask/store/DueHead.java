package io.pgtask.store;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The first task of an index range, whether it is due or not.
 *
 * @param taskType the persisted name of the task type, or {@code null} for rows whose
 * text names none
 * @param priority the priority
 * @param dueIn how long until the task is due; zero or negative if it is due
 */
public record DueHead(@Nullable String taskType, int priority, Duration dueIn) {

	/**
	 * Return whether the task may be claimed now.
	 * @return whether it is due
	 */
	public boolean isDue() {
		return this.dueIn.isNegative() || this.dueIn.isZero();
	}

}
