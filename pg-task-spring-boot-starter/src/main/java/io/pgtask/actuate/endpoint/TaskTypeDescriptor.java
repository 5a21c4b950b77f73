package io.pgtask.actuate.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import io.pgtask.PausedType;
import io.pgtask.TaskCount;
import io.pgtask.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a type. A count stops at 10,000.
 *
 * @param steps the persisted names of the steps this node has for the type
 * @param ready how many tasks are due and wait for a worker
 * @param scheduled how many tasks are due later
 * @param held how many tasks are held back, reserved for instance
 * @param running how many tasks a worker holds
 * @param errored how many tasks are parked with an error
 * @param oldestReady how long the oldest ready task has been due, or {@code null} if
 * there is none
 * @param pausedAt when the type was paused, or {@code null} if it is not
 * @param pauseReason why it was paused, or {@code null}
 */
public record TaskTypeDescriptor(Set<String> steps, long ready, long scheduled, long held, long running, long errored,
		@Nullable Duration oldestReady, @Nullable Instant pausedAt, @Nullable String pauseReason) {

	static TaskTypeDescriptor of(Set<String> steps, Collection<TaskCount> counts, @Nullable PausedType paused) {
		return new TaskTypeDescriptor(steps, count(counts, TaskState.READY), count(counts, TaskState.SCHEDULED),
				count(counts, TaskState.HELD), count(counts, TaskState.RUNNING), count(counts, TaskState.ERRORED),
				oldestReady(counts), (paused != null) ? paused.pausedAt() : null,
				(paused != null) ? paused.reason() : null);
	}

	private static long count(Collection<TaskCount> counts, TaskState state) {
		return counts.stream().filter((count) -> count.state() == state).mapToLong(TaskCount::count).sum();
	}

	private static @Nullable Duration oldestReady(Collection<TaskCount> counts) {
		List<TaskCount> ready = counts.stream().filter((count) -> count.state() == TaskState.READY).toList();
		return ready.isEmpty() ? null : ready.get(0).oldestAge();
	}

}
