package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.pgtask.TaskEnd;
import io.pgtask.store.AwaitStatement;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that callers of this JVM wait for: who waits, when to look at each next, and
 * what a look means. Thread-safe; callers are told without the lock.
 */
final class AwaitedTasks {

	/** How long a notification may take to arrive after the row is gone. */
	static final Duration GRACE = Duration.ofSeconds(1);

	/** After that a row whose lock kept it from being marked is tried again. */
	private static final Duration FIRST_RETRY = Duration.ofMillis(5);

	private final Map<UUID, Awaited> tasks = new HashMap<>();

	private final long pollNanos;

	private final long graceNanos;

	private final long epoch = System.nanoTime();

	/**
	 * Create an empty collection.
	 * @param pollInterval how often every task is looked at
	 * @param listen whether the ends of tasks are also notified
	 */
	AwaitedTasks(Duration pollInterval, boolean listen) {
		this.pollNanos = pollInterval.toNanos();
		this.graceNanos = listen ? GRACE.toNanos() : 0;
	}

	/**
	 * Somebody waits.
	 * @param id the task's id
	 * @param present whether its row can be looked at; otherwise it is about to be
	 * inserted, and marked already
	 * @return to be completed when the task ends; completing or cancelling it elsewhere
	 * ends the wait
	 */
	CompletableFuture<TaskEnd> add(UUID id, boolean present) {
		CompletableFuture<TaskEnd> told = new CompletableFuture<>();
		synchronized (this.tasks) {
			Awaited awaited = this.tasks.computeIfAbsent(id, (added) -> new Awaited(present, now()));
			if (present) {
				awaited.present = true;
			}
			awaited.told.add(told);
		}
		told.whenComplete((end, failure) -> remove(id, told));
		return told;
	}

	private void remove(UUID id, CompletableFuture<TaskEnd> told) {
		synchronized (this.tasks) {
			Awaited awaited = this.tasks.get(id);
			if (awaited != null && awaited.told.remove(told) && awaited.told.isEmpty()) {
				this.tasks.remove(id);
			}
		}
	}

	boolean isEmpty() {
		synchronized (this.tasks) {
			return this.tasks.isEmpty();
		}
	}

	/** Look at tasks as soon as possible. */
	void look(Collection<UUID> ids) {
		synchronized (this.tasks) {
			ids.forEach((id) -> this.tasks.computeIfPresent(id, (same, awaited) -> awaited.presentAt(now())));
		}
	}

	/** Look at all tasks as soon as possible. */
	void lookAtAll() {
		synchronized (this.tasks) {
			this.tasks.values().forEach((awaited) -> awaited.due = now());
		}
	}

	/** Return which tasks to look at now. */
	List<UUID> due(int most) {
		synchronized (this.tasks) {
			long now = now();
			return this.tasks.entrySet()
				.stream()
				.filter((entry) -> entry.getValue().present && entry.getValue().due <= now)
				.limit(most)
				.map(Map.Entry::getKey)
				.toList();
		}
	}

	/** Return how long there is nothing to look at. */
	Duration untilNextLook() {
		synchronized (this.tasks) {
			long now = now();
			long next = now + this.pollNanos;
			for (Awaited awaited : this.tasks.values()) {
				if (awaited.present) {
					next = Math.min(next, awaited.due);
				}
			}
			return Duration.ofNanos(Math.max(0, next - now));
		}
	}

	/** Tasks have ended, and their rows are gone. */
	void ended(Collection<UUID> ids, TaskEnd.Outcome outcome) {
		ids.forEach((id) -> end(new TaskEnd(id, outcome, null)));
	}

	/**
	 * Tasks have been looked at.
	 * @param ids their ids
	 * @param look what was found
	 */
	void seen(Collection<UUID> ids, AwaitStatement.Look look) {
		for (UUID id : ids) {
			AwaitStatement.Found row = look.tasks().get(id);
			TaskEnd ended = look.ended().get(id);
			if (row == null && ended != null) {
				end(ended);
			}
			else if (row == null) {
				missing(id);
			}
			else if (row.error() != null) {
				end(new TaskEnd(id, TaskEnd.Outcome.ERRORED, row.error()));
			}
			else {
				alive(id, row.marked());
			}
		}
	}

	private void alive(UUID id, boolean marked) {
		synchronized (this.tasks) {
			Awaited awaited = this.tasks.get(id);
			if (awaited == null) {
				return;
			}
			long now = now();
			awaited.marked = marked;
			if (marked) {
				// All at the same time, so that they share a query.
				awaited.due = now + this.pollNanos - now % this.pollNanos;
			}
			else {
				awaited.due = now + awaited.retryNanos;
				awaited.retryNanos = Math.min(2 * awaited.retryNanos, this.pollNanos);
			}
		}
	}

	/**
	 * The row of a marked task may have gone a moment ago, and the notification that
	 * tells how be under way.
	 */
	private void missing(UUID id) {
		synchronized (this.tasks) {
			Awaited awaited = this.tasks.get(id);
			if (awaited == null) {
				return;
			}
			long now = now();
			if (awaited.missingSince == null) {
				awaited.missingSince = now;
			}
			if (awaited.marked && now - awaited.missingSince < this.graceNanos) {
				awaited.due = awaited.missingSince + this.graceNanos;
				return;
			}
		}
		end(new TaskEnd(id, TaskEnd.Outcome.GONE, null));
	}

	private void end(TaskEnd end) {
		take(end.taskId()).forEach((told) -> told.complete(end));
	}

	private List<CompletableFuture<TaskEnd>> take(UUID id) {
		synchronized (this.tasks) {
			Awaited awaited = this.tasks.remove(id);
			return (awaited != null) ? awaited.told : List.of();
		}
	}

	/** Everybody who waits is told that it is in vain. */
	void fail(RuntimeException failure) {
		List<CompletableFuture<TaskEnd>> told = new ArrayList<>();
		synchronized (this.tasks) {
			this.tasks.values().forEach((awaited) -> told.addAll(awaited.told));
			this.tasks.clear();
		}
		told.forEach((future) -> future.completeExceptionally(failure));
	}

	/** Nanoseconds that never overflow. */
	private long now() {
		return System.nanoTime() - this.epoch;
	}

	/** A task that somebody waits for. */
	private static final class Awaited {

		private final List<CompletableFuture<TaskEnd>> told = new ArrayList<>();

		private boolean present;

		private boolean marked;

		private long due;

		private @Nullable Long missingSince;

		private long retryNanos = FIRST_RETRY.toNanos();

		Awaited(boolean present, long due) {
			this.present = present;
			this.marked = !present;
			this.due = due;
		}

		Awaited presentAt(long now) {
			this.present = true;
			this.due = now;
			return this;
		}

	}

}
