package io.pgtask;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How many tasks of a type are in a state.
 *
 * @param taskType the persisted name of the task type, or {@code null} for the tasks
 * whose text has none
 * @param state what the tasks are doing
 * @param count how many there are, at most 10,000
 * @param oldestAge how long the oldest ready task has been due, or {@code null} if the
 * state is not {@link TaskState#READY}
 */
public record TaskCount(@Nullable String taskType, TaskState state, long count, @Nullable Duration oldestAge) {
}
