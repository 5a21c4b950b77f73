package io.pgtask.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOutcome;

/**
 * Changes single rows for an operator. A statement locks and changes a row only if its
 * lock is free and no worker holds a lease on it: it never waits for a lock, so that it
 * is no part of a deadlock, and leaves the row of a worker alone even within a long
 * transaction.
 */
final class TaskActions {

	private static final String LOCKED = "LOCKED";

	// A row that is neither changed nor refused was locked, or has changed meanwhile.
	private static final String ACT = """
			WITH found AS MATERIALIZED (
				SELECT t.id
				FROM {table} t
				WHERE t.id = ? AND NOT {leased} AND {applicable}
				FOR UPDATE SKIP LOCKED
			), changed AS (
				{change}
				WHERE t.id = (SELECT found.id FROM found)
				RETURNING {returned}
			){recorded}
			SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'DONE' ELSE COALESCE((
				SELECT CASE WHEN {leased} THEN 'RUNNING' WHEN {applicable} THEN 'LOCKED' ELSE 'NOT_APPLICABLE' END
				FROM {table} t
				WHERE t.id = ?), 'NOT_FOUND') END{told}
			""".replace("{leased}", TaskRow.LEASED);

	private static final String TELL = """
			, (
				SELECT pg_notify('{channel}', '{deleted} ' || changed.id) FROM changed WHERE changed.awaited
			)""".replace("{channel}", EndNotice.CHANNEL).replace("{deleted}", EndNotice.Way.DELETED.word());

	private static final String RETRY = act("t.error IS NOT NULL", """
			UPDATE {table} t
			SET error = NULL, parked_at = NULL, tried = 0, delivery = 0, wakeup_at = statement_timestamp(),
				locked_by = NULL, lock_expires_at = NULL, updated_at = statement_timestamp()""");

	private static final String END = act("true", """
			DELETE FROM {table} t""", TELL);

	// A time in the past means now: what is due for longer must not be overtaken.
	private static final String RESCHEDULE = act("t.error IS NULL", """
			UPDATE {table} t
			SET wakeup_at = CASE WHEN t.hold IS NULL THEN wanted.at ELSE t.wakeup_at END,
				hold_due = CASE WHEN t.hold IS NOT NULL THEN wanted.at END, locked_by = NULL, lock_expires_at = NULL,
				updated_at = statement_timestamp()
			FROM (SELECT GREATEST(statement_timestamp(), ?::timestamptz) AS at) AS wanted""");

	// A row that somebody has locked is left alone, as above.
	private static final String END_TAGGED = """
			WITH deleted AS (
				DELETE FROM {table} t
				WHERE t.id = ANY (ARRAY(
					SELECT t.id
					FROM {table} t
					WHERE t.tags @> ARRAY[?]::text[] AND NOT {leased}
					FOR UPDATE SKIP LOCKED))
				RETURNING {returned}
			){recorded}
			SELECT count(*), array_agg(deleted.id) FILTER (WHERE deleted.awaited) FROM deleted
			""".replace("{leased}", TaskRow.LEASED);

	/** Longer than any transaction of a worker. */
	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private static final Duration PAUSE = Duration.ofMillis(5);

	private final CallerConnection connection;

	private final Wakeups wakeups;

	private final String retry;

	private final String cancel;

	private final String delete;

	private final String reschedule;

	private final String endTagged;

	TaskActions(CallerConnection connection, TaskTable table, Wakeups wakeups) {
		this.connection = connection;
		this.wakeups = wakeups;
		this.retry = table.sql(staying(RETRY));
		this.cancel = table.sql(ending(END, table, TaskOutcome.CANCELLED, "changed"));
		this.delete = table.sql(ending(END, table, TaskOutcome.DELETED, "changed"));
		this.reschedule = table.sql(staying(RESCHEDULE));
		this.endTagged = table.sql(ending(END_TAGGED, table, TaskOutcome.DELETED, "deleted"));
	}

	ActionResult retry(UUID id) {
		return act("retry task", this.retry, (statement) -> {
			statement.setObject(1, id);
			statement.setObject(2, id);
		}, true);
	}

	ActionResult cancel(UUID id) {
		return end("cancel task", this.cancel, id);
	}

	ActionResult delete(UUID id) {
		return end("delete task", this.delete, id);
	}

	private ActionResult end(String task, String sql, UUID id) {
		return act(task, sql, (statement) -> {
			statement.setObject(1, id);
			statement.setObject(2, id);
		}, false);
	}

	long endTagged(String tag) {
		if (!DatabaseText.canHold(tag)) {
			return 0;
		}
		return this.connection.executeInTransaction("end tagged tasks", (connection) -> endTagged(connection, tag),
				(count, committed) -> {
				});
	}

	private long endTagged(Connection connection, String tag) throws SQLException {
		try (PreparedStatement statement = this.connection.prepare(connection, this.endTagged)) {
			statement.setString(1, tag);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				Array awaited = row.getArray(2);
				if (awaited != null) {
					EndNotifier.send(connection, EndNotice.Way.DELETED, List.of((UUID[]) awaited.getArray()));
				}
				return row.getLong(1);
			}
		}
	}

	ActionResult reschedule(UUID id, Instant instant) {
		OffsetDateTime time = DatabaseTimes.timestamp(instant);
		return act("reschedule task", this.reschedule, (statement) -> {
			statement.setObject(1, id);
			statement.setObject(2, time);
			statement.setObject(3, id);
		}, true);
	}

	private ActionResult act(String task, String sql, Parameters parameters, boolean makesWork) {
		long start = System.nanoTime();
		while (true) {
			String result = tryToAct(task, sql, parameters, makesWork);
			if (!result.equals(LOCKED)) {
				return ActionResult.valueOf(result);
			}
			if (System.nanoTime() - start > PATIENCE.toNanos() || !pause()) {
				return ActionResult.RUNNING;
			}
		}
	}

	private String tryToAct(String task, String sql, Parameters parameters, boolean makesWork) {
		return this.connection.execute(task, sql, (statement) -> {
			parameters.bind(statement);
			return single(statement);
		}, (result, committed) -> {
			if (makesWork && result.equals(ActionResult.DONE.name())) {
				CommitWakeup.request(this.wakeups, committed);
			}
		});
	}

	private static String single(PreparedStatement statement) throws SQLException {
		try (ResultSet row = statement.executeQuery()) {
			row.next();
			return row.getString(1);
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

	private static String staying(String sql) {
		return sql.replace("{returned}", "t.id").replace("{recorded}", "");
	}

	private static String ending(String sql, TaskTable table, TaskOutcome outcome, String ended) {
		EndRecord record = new EndRecord(table);
		return sql.replace("{returned}", record.returning(outcome, "t.id, t.awaited"))
			.replace("{recorded}", record.byOther(outcome, ended));
	}

	private static String act(String applicable, String change) {
		return act(applicable, change, "");
	}

	private static String act(String applicable, String change, String told) {
		return ACT.replace("{applicable}", applicable).replace("{change}", change).replace("{told}", told);
	}

	/** Binds the parameters of a statement. */
	private interface Parameters {

		void bind(PreparedStatement statement) throws SQLException;

	}

}
