package io.pgtask.model;

import java.time.Duration;

import io.pgtask.OnConflict;
import io.pgtask.TaskOptions;
import org.jspecify.annotations.Nullable;

/**
 * A task that somebody wants to enqueue.
 *
 * @param at the state it begins with
 * @param delay after how many hours it is due
 * @param deadline within how many hours it has to start, 0 for no deadline
 * @param key the unique key, if it has one
 * @param reservedFor for how many hours it is reserved, 0 if it is not
 */
record Wish(TaskKind kind, int at, int delay, int deadline, int priority, @Nullable String key, OnConflict onConflict,
		int reservedFor) {

	boolean isReserved() {
		return this.reservedFor > 0;
	}

	TaskOptions options() {
		TaskOptions options = TaskOptions.DEFAULT.withPriority(this.priority).withDelay(Duration.ofHours(this.delay));
		if (this.deadline > 0) {
			options = options.withDeadline(Duration.ofHours(this.deadline));
		}
		return (this.key != null) ? options.withUniqueKey(this.key, this.onConflict) : options;
	}

}
