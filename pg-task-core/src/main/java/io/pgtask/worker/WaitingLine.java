package io.pgtask.worker;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

import org.jspecify.annotations.Nullable;

/**
 * Executions that wait for a slot: one of each task type in its turn, those of a type in
 * the order they came. What is claimed ahead of one type would otherwise make a task of
 * another wait for all of it. Not thread-safe.
 */
final class WaitingLine {

	/** As many as there are task types. */
	private final Map<String, Queue<Execution>> lines = new HashMap<>();

	/** The lines in which somebody waits, the next one first. */
	private final Queue<Queue<Execution>> turns = new ArrayDeque<>();

	private int size;

	void addAll(Collection<Execution> executions) {
		executions.forEach(this::add);
	}

	private void add(Execution execution) {
		Queue<Execution> line = this.lines.computeIfAbsent(execution.taskType(), (type) -> new ArrayDeque<>());
		if (line.isEmpty()) {
			this.turns.add(line);
		}
		line.add(execution);
		this.size++;
	}

	/**
	 * Take the next one out.
	 * @return the execution, or {@code null} if nobody waits
	 */
	@Nullable Execution poll() {
		Queue<Execution> line = this.turns.poll();
		if (line == null) {
			return null;
		}
		Execution next = line.remove();
		if (!line.isEmpty()) {
			this.turns.add(line);
		}
		this.size--;
		return next;
	}

	int size() {
		return this.size;
	}

	boolean isEmpty() {
		return this.size == 0;
	}

}
