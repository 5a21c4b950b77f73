package io.pgtask.actuate.endpoint;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

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
 */
public record TaskTypeDescriptor(Set<String> steps, long ready, long scheduled, long held, long running, long errored,
		@Nullable Duration oldestReady) {

	static TaskTypeDescriptor of(Set<String> steps, Collection<TaskCount> counts) {
		return new TaskTypeDescriptor(steps, count(counts, TaskState.READY), count(counts, TaskState.SCHEDULED),
				count(counts, TaskState.HELD), count(counts, TaskState.RUNNING), count(counts, TaskState.ERRORED),
				oldestReady(counts));
	}

	private static long count(Collection<TaskCount> counts, TaskState state) {
		return counts.stream().filter((count) -> count.state() == state).mapToLong(TaskCount::count).sum();
	}

	private static @Nullable Duration oldestReady(Collection<TaskCount> counts) {
		List<TaskCount> ready = counts.stream().filter((count) -> count.state() == TaskState.READY).toList();
		return ready.isEmpty() ? null : ready.get(0).oldestAge();
	}

}
