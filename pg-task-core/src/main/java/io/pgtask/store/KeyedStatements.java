package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import io.pgtask.TaskOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The two statements of {@link KeyedInsert}.
 */
final class KeyedStatements {

	// A row that is reserved waits for the end of the reservation, which is the due
	// time that the workers see. The trigger says nothing of one that is held, and has
	// to speak when plain SQL lets it go, so that only the others are quiet.
	private static final String INSERT = """
			INSERT INTO {table} (id, step, headers, priority, tags, unique_key, deadline, quiet, wakeup_at, hold, hold_due)
			SELECT o.id, o.step, o.headers::jsonb, o.priority, o.tags::text[], o.unique_key, {deadline},
				CASE WHEN reserved.within IS NULL THEN true END,
				COALESCE(statement_timestamp() + reserved.within * interval '1 microsecond', {due}),
				CASE WHEN reserved.within IS NOT NULL THEN 'reserved' END,
				CASE WHEN reserved.within IS NOT NULL THEN {due} END
			FROM {rows}, (SELECT ?::bigint) AS reserved (within)
			ON CONFLICT (task, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
			RETURNING id
			"""
		.replace("{rows}", TaskArrays.ROWS)
		.replace("{due}", TaskArrays.DUE)
		.replace("{deadline}", TaskArrays.DEADLINE);

	// A reserved row gives way when its time is over, and earlier to a task that is not
	// just reserved itself: that one was promised to run. A row that a worker holds is
	// neither changed nor locked, for a lock would keep the worker from saving its step.
	private static final String SETTLE = """
			WITH wanted AS MATERIALIZED (
				SELECT o.*, {due} AS due, {deadline} AS deadline, reserving.it AS reserving
				FROM {rows}, (SELECT ?::boolean) AS reserving (it)
			), yielded AS (
				DELETE FROM {table} t
				USING wanted o
				WHERE t.task = o.task AND t.unique_key = o.unique_key AND t.hold = 'reserved' AND NOT {leased}
					AND (t.wakeup_at <= statement_timestamp() OR NOT (o.reserving OR o.on_conflict = 'REJECT'))
				RETURNING {returned}
			){recorded}, replaced AS (
				UPDATE {table} t
				SET step = o.step, headers = o.headers::jsonb, priority = o.priority, tags = o.tags::text[],
					wakeup_at = o.due, deadline = o.deadline, quiet = true, tried = 0, delivery = 0, error = NULL,
					last_error = NULL, failures = NULL, postponed = NULL, cancel_requested_at = NULL, passed = NULL,
					parked_at = NULL, locked_by = NULL, lock_expires_at = NULL, updated_at = statement_timestamp()
				FROM wanted o
				WHERE t.task = o.task AND t.unique_key = o.unique_key AND o.on_conflict = 'REPLACE' AND t.hold IS NULL
					AND NOT {leased}
				RETURNING o.id AS wanted, t.id
			)
			SELECT replaced.wanted, replaced.id, true AS replaced FROM replaced
			UNION ALL
			SELECT o.id, t.id, false
			FROM wanted o JOIN {table} t ON t.task = o.task AND t.unique_key = o.unique_key
			WHERE CASE
				WHEN t.hold = 'reserved' THEN t.wakeup_at > statement_timestamp()
					AND (o.reserving OR o.on_conflict = 'REJECT')
				ELSE o.on_conflict <> 'REPLACE' OR {leased} OR t.hold IS NOT NULL END
			""".replace("{rows}", TaskArrays.ROWS)
		.replace("{due}", TaskArrays.DUE)
		.replace("{deadline}", TaskArrays.DEADLINE)
		.replace("{leased}", TaskRow.LEASED);

	private final CallerConnection connections;

	private final String insert;

	private final String settle;

	KeyedStatements(CallerConnection connections, TaskTable table) {
		this.connections = connections;
		this.insert = table.sql(INSERT);
		EndRecord record = new EndRecord(table);
		this.settle = table.sql(SETTLE.replace("{returned}", record.returning(TaskOutcome.LAPSED, "o.id"))
			.replace("{recorded}", record.byOther(TaskOutcome.LAPSED, "yielded")));
	}

	/**
	 * Insert the tasks whose key is free.
	 * @param reservedFor for how long they are reserved, or {@code null} if they are not
	 * @return those that were inserted
	 */
	List<NewTask> insert(Connection connection, List<NewTask> tasks, @Nullable Duration reservedFor)
			throws SQLException {
		Long within = (reservedFor != null) ? DatabaseTimes.microseconds(reservedFor) : null;
		try (PreparedStatement statement = this.connections.prepare(connection, this.insert)) {
			TaskArrays.bind(statement, tasks);
			statement.setObject(TaskArrays.PARAMETERS + 1, within, Types.BIGINT);
			List<NewTask> inserted = new ArrayList<>(tasks.size());
			Map<UUID, NewTask> byId = byId(tasks);
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					inserted.add(first(rows, byId));
				}
			}
			return inserted;
		}
	}

	/**
	 * Do what is wanted with the rows that have the keys: let those that give way be
	 * gone, and replace those that are to be.
	 * @param reserving whether the tasks are to be reserved
	 * @return the rows that have the keys now; none for a key that is free by now
	 */
	List<Existing> settle(Connection connection, List<NewTask> tasks, boolean reserving) throws SQLException {
		try (PreparedStatement statement = this.connections.prepare(connection, this.settle)) {
			TaskArrays.bind(statement, tasks);
			statement.setBoolean(TaskArrays.PARAMETERS + 1, reserving);
			List<Existing> existing = new ArrayList<>();
			Map<UUID, NewTask> byId = byId(tasks);
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					existing.add(new Existing(first(rows, byId), rows.getObject(2, UUID.class), rows.getBoolean(3)));
				}
			}
			return existing;
		}
	}

	private static NewTask first(ResultSet row, Map<UUID, NewTask> byId) throws SQLException {
		return Objects.requireNonNull(byId.get(row.getObject(1, UUID.class)));
	}

	private static Map<UUID, NewTask> byId(List<NewTask> tasks) {
		Map<UUID, NewTask> byId = new HashMap<>();
		tasks.forEach((task) -> byId.put(task.id(), task));
		return byId;
	}

	/**
	 * A row that has the key of a task.
	 *
	 * @param wanted the task
	 * @param id the id of the row
	 * @param replaced whether the row has become the task
	 */
	record Existing(NewTask wanted, UUID id, boolean replaced) {
	}

}
