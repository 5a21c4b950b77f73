package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskAdmin.ActionSummary;

/**
 * Carries out an operator's actions, in batches of a bounded size. What somebody has
 * locked for a moment is tried again.
 */
final class TaskActions {

	/** Some milliseconds of work, and of locks. */
	private static final int LARGEST_BATCH = 500;

	/** Longer than any transaction of a worker. */
	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private static final Duration PAUSE = Duration.ofMillis(5);

	private final CallerConnection connection;

	private final TaskTable table;

	private final Wakeups wakeups;

	TaskActions(CallerConnection connection, TaskTable table, Wakeups wakeups) {
		this.connection = connection;
		this.table = table;
		this.wakeups = wakeups;
	}

	/** Act on one task. */
	ActionResult act(ActionStatement action, UUID id) {
		return actOn(action, List.of(id)).single();
	}

	/** Act on many tasks. */
	ActionSummary act(ActionStatement action, List<UUID> ids) {
		return actOn(action, ids).summary();
	}

	private ActionTally actOn(ActionStatement action, List<UUID> ids) {
		ActionTally tally = new ActionTally();
		actInBatches(action, ids, tally);
		long start = System.nanoTime();
		List<UUID> locked = tally.takeLocked();
		while (!locked.isEmpty() && System.nanoTime() - start < PATIENCE.toNanos() && pause()) {
			actInBatches(action, locked, tally);
			locked = tally.takeLocked();
		}
		tally.giveUp(locked);
		return tally;
	}

	private void actInBatches(ActionStatement action, List<UUID> ids, ActionTally tally) {
		for (int start = 0; start < ids.size(); start += LARGEST_BATCH) {
			List<UUID> batch = ids.subList(start, Math.min(start + LARGEST_BATCH, ids.size()));
			NamedStatement statement = action.on(batch, this.table);
			List<Acted> results = this.connection.query(action.name(), statement.sql(), (prepared) -> {
				statement.bind(prepared);
				List<Acted> acted = read(prepared);
				tell(action, prepared, acted);
				return acted;
			}, (acted, committed) -> wake(action, acted, committed));
			results.forEach((acted) -> acted.countIn(tally));
		}
	}

	/**
	 * Those who wait for the tasks, or run them, are told when the transaction commits.
	 */
	private static void tell(ActionStatement action, PreparedStatement statement, List<Acted> acted)
			throws SQLException {
		List<UUID> awaited = acted.stream().filter(Acted::awaited).map(Acted::id).toList();
		if (action.way() != null && !awaited.isEmpty()) {
			EndNotifier.send(statement.getConnection(), action.way(), awaited);
		}
		List<UUID> requested = acted.stream().filter((task) -> task.is(ActionResult.REQUESTED)).map(Acted::id).toList();
		if (!requested.isEmpty()) {
			CancelNotice.send(statement.getConnection(), requested);
		}
	}

	private void wake(ActionStatement action, List<Acted> acted, boolean committed) {
		if (action.way() == null && acted.stream().anyMatch((task) -> task.is(ActionResult.DONE))) {
			CommitWakeup.request(this.wakeups, committed);
		}
	}

	private static List<Acted> read(PreparedStatement statement) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			List<Acted> acted = new ArrayList<>();
			while (rows.next()) {
				acted.add(new Acted(rows.getObject("id", UUID.class), rows.getString("result"),
						rows.getBoolean("awaited")));
			}
			return acted;
		}
	}

	private static boolean pause() {
		try {
			Thread.sleep(PAUSE.toMillis());
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/** What became of a task, and whether somebody waited for its end. */
	private record Acted(UUID id, String result, boolean awaited) {

		boolean is(ActionResult expected) {
			return this.result.equals(expected.name());
		}

		void countIn(ActionTally tally) {
			if (this.result.equals(ActionStatement.LOCKED)) {
				tally.addLocked(this.id);
			}
			else {
				tally.add(ActionResult.valueOf(this.result));
			}
		}

	}

}
