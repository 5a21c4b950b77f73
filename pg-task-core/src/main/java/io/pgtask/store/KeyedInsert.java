package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;

import io.pgtask.DuplicateTaskException;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.CannotAcquireLockException;

/**
 * Inserts tasks that have unique keys. Whoever comes first inserts, and the others find
 * what was inserted: an {@code INSERT} that meets a key does nothing, after it has waited
 * for the end of the transaction that made it, and a second statement does what is wanted
 * with the row that has the key. Should that have ended in between, all begins again. No
 * conflict is an error of the database, so that none aborts the caller's transaction.
 */
final class KeyedInsert {

	/** Only a worker that has just claimed a lapsed row keeps the two apart for long. */
	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final long PAUSE_MILLIS = 5;

	private final KeyedStatements statements;

	KeyedInsert(CallerConnection connections, TaskTable table) {
		this.statements = new KeyedStatements(connections, table);
	}

	/**
	 * Insert tasks as if one after the other.
	 * @param connection a connection in a transaction
	 * @param tasks the tasks, with unique keys or, if they are reserved, without
	 * @param reservedFor for how long they are reserved, or {@code null} if they are not
	 * @return the id of each task, or of the one that was there before
	 * @throws DuplicateTaskException if one is refused; others may have been inserted
	 */
	List<UUID> insert(Connection connection, List<NewTask> tasks, @Nullable Duration reservedFor) throws SQLException {
		// By identity: of two equal tasks in one call the second meets the first.
		Map<NewTask, UUID> ids = new IdentityHashMap<>();
		// In the order of the keys: two callers with the same ones wait for each other,
		// but not in a circle.
		TreeMap<String, Queue<NewTask>> byKey = new TreeMap<>();
		for (NewTask task : tasks) {
			byKey.computeIfAbsent(keyOf(task), (key) -> new ArrayDeque<>()).add(task);
		}
		while (!byKey.isEmpty()) {
			List<NewTask> round = byKey.values().stream().map(Queue::remove).toList();
			byKey.values().removeIf(Queue::isEmpty);
			insertDistinct(connection, round, reservedFor, ids);
		}
		return tasks.stream().map((task) -> idOf(task, ids)).toList();
	}

	private static String keyOf(NewTask task) {
		String key = task.options().uniqueKey();
		// A type cannot contain the separator.
		return (key != null) ? task.taskType() + '\0' + key : task.id().toString();
	}

	private static UUID idOf(NewTask task, Map<NewTask, UUID> ids) {
		UUID id = ids.get(task);
		if (id == null) {
			throw new IllegalStateException("The task " + task.id() + " was neither inserted nor found");
		}
		return id;
	}

	private void insertDistinct(Connection connection, List<NewTask> tasks, @Nullable Duration reservedFor,
			Map<NewTask, UUID> ids) throws SQLException {
		long start = System.nanoTime();
		List<NewTask> open = tasks;
		while (true) {
			this.statements.insert(connection, open, reservedFor).forEach((task) -> ids.put(task, task.id()));
			open = without(open, ids);
			if (open.isEmpty()) {
				return;
			}
			for (KeyedStatements.Existing existing : this.statements.settle(connection, open, reservedFor != null)) {
				ids.put(existing.wanted(), accept(existing));
			}
			open = without(open, ids);
			if (open.isEmpty()) {
				return;
			}
			if (System.nanoTime() - start > PATIENCE.toNanos() || !pause()) {
				throw new CannotAcquireLockException(
						"The unique key '%s' of the task type %s is neither free nor taken; try again later"
							.formatted(open.get(0).options().uniqueKey(), open.get(0).taskType()));
			}
		}
	}

	private static List<NewTask> without(List<NewTask> tasks, Map<NewTask, UUID> done) {
		List<NewTask> open = new ArrayList<>();
		for (NewTask task : tasks) {
			if (!done.containsKey(task)) {
				open.add(task);
			}
		}
		return open;
	}

	private static UUID accept(KeyedStatements.Existing existing) {
		NewTask wanted = existing.wanted();
		String key = String.valueOf(wanted.options().uniqueKey());
		return switch (wanted.options().onConflict()) {
			case KEEP -> existing.id();
			case REPLACE -> {
				if (existing.replaced()) {
					yield existing.id();
				}
				throw new DuplicateTaskException(
						"The task %s of type %s has the unique key '%s' and cannot be replaced while a worker runs it; try again when it has finished its step"
							.formatted(existing.id(), wanted.taskType(), key),
						wanted.taskType(), key, existing.id());
			}
			case REJECT -> throw new DuplicateTaskException(
					"The task %s of type %s already has the unique key '%s'; end it first, or enqueue with OnConflict.KEEP or REPLACE"
						.formatted(existing.id(), wanted.taskType(), key),
					wanted.taskType(), key, existing.id());
		};
	}

	private static boolean pause() {
		try {
			Thread.sleep(PAUSE_MILLIS);
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
