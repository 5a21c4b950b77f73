package io.pgtask.model;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.StepContext;

/**
 * Sees every step that real workers run, and what must not happen among them. The state
 * of a task says how far it has come, and only ever grows.
 */
final class Witness {

	private final Set<UUID> running = ConcurrentHashMap.newKeySet();

	private final Map<UUID, Integer> furthest = new ConcurrentHashMap<>();

	private final Queue<String> violations = new ConcurrentLinkedQueue<>();

	private final AtomicInteger runs = new AtomicInteger();

	/** A step begins. */
	void begin(int at, StepContext context) {
		this.runs.incrementAndGet();
		if (!this.running.add(context.taskId())) {
			this.violations.add("task " + context.taskId() + " runs twice at the same time");
		}
		int before = this.furthest.merge(context.taskId(), at, Math::max);
		if (before > at) {
			this.violations.add("task " + context.taskId() + " runs " + at + " after " + before + " had begun");
		}
	}

	/** A step ends. */
	void end(StepContext context) {
		this.running.remove(context.taskId());
	}

	List<String> violations() {
		return List.copyOf(this.violations);
	}

	int runs() {
		return this.runs.get();
	}

}
