package io.pgtask.actuate.metrics;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.pgtask.TaskCount;
import io.pgtask.TaskState;

/**
 * The counts of all tasks at a moment.
 */
final class TaskCountSnapshot {

	/** Stands for rows whose text names no task type. */
	private static final String NO_TYPE = "none";

	private final Map<Key, TaskCount> counts = new HashMap<>();

	private final Set<String> taskTypes = new TreeSet<>();

	private final long takenNanos = System.nanoTime();

	private TaskCountSnapshot() {
	}

	static TaskCountSnapshot of(List<TaskCount> counts) {
		TaskCountSnapshot snapshot = new TaskCountSnapshot();
		for (TaskCount count : counts) {
			String taskType = (count.taskType() != null) ? count.taskType() : NO_TYPE;
			snapshot.counts.put(new Key(taskType, count.state()), count);
			snapshot.taskTypes.add(taskType);
		}
		return snapshot;
	}

	Set<String> taskTypes() {
		return this.taskTypes;
	}

	Duration age() {
		return Duration.ofNanos(System.nanoTime() - this.takenNanos);
	}

	long count(String taskType, TaskState state) {
		TaskCount count = this.counts.get(new Key(taskType, state));
		return (count != null) ? count.count() : 0;
	}

	Duration oldestReady(String taskType) {
		TaskCount ready = this.counts.get(new Key(taskType, TaskState.READY));
		return (ready != null && ready.oldestAge() != null) ? ready.oldestAge() : Duration.ZERO;
	}

	private record Key(String taskType, TaskState state) {
	}

}
