package io.pgtask.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

import io.pgtask.TaskOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What the table should be: which tasks there are, and how the others have ended.
 */
final class ExpectedTable {

	private final Map<UUID, ExpectedTask> tasks = new LinkedHashMap<>();

	private final Map<UUID, End> ends = new LinkedHashMap<>();

	private final Set<TaskKind> paused = EnumSet.noneOf(TaskKind.class);

	private long now;

	long now() {
		return this.now;
	}

	void pass(int hours) {
		this.now += hours;
	}

	void add(ExpectedTask task) {
		this.tasks.put(task.id, task);
	}

	void end(ExpectedTask task, TaskOutcome outcome) {
		this.tasks.remove(task.id);
		this.ends.put(task.id, new End(outcome, task.tried, task.delivery));
	}

	@Nullable ExpectedTask find(UUID id) {
		return this.tasks.get(id);
	}

	@Nullable ExpectedTask withKey(TaskKind kind, @Nullable String key) {
		return (key == null) ? null
				: this.tasks.values()
					.stream()
					.filter((task) -> task.kind == kind && key.equals(task.key))
					.findFirst()
					.orElse(null);
	}

	List<ExpectedTask> matching(Predicate<ExpectedTask> condition) {
		return this.tasks.values().stream().filter(condition).toList();
	}

	Collection<ExpectedTask> tasks() {
		return List.copyOf(this.tasks.values());
	}

	Map<UUID, End> ends() {
		return this.ends;
	}

	Set<TaskKind> paused() {
		return this.paused;
	}

	/** Every task that ever was. */
	List<UUID> ids() {
		List<UUID> ids = new ArrayList<>(this.tasks.keySet());
		ids.addAll(this.ends.keySet());
		return ids;
	}

}
