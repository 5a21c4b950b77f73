package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

import io.pgtask.HousekeepingReport;

/**
 * What is asked and done to keep house, each by one statement.
 */
final class HousekeepingStatements {

	/** How many parked tasks are moved by one statement. */
	static final int BATCH = 1000;

	/** The first half of the advisory lock; the second one is the table. */
	private static final int LOCK_CLASS = 0x70675f74;

	private static final String LOCK = "SELECT pg_try_advisory_xact_lock(?, hashtext(to_regclass(?)::oid::text))";

	private static final String OLD = "t.error IS NOT NULL AND t.parked_at < statement_timestamp() - ? * interval '1 microsecond'";

	/** Somebody has parked the task by SQL: its time starts when it is first seen. */
	private static final String UNDATED = "t.error IS NOT NULL AND t.parked_at IS NULL";

	// A held task has to be let go by whoever knows why it is held.
	private static final String MOVABLE = OLD + """
			AND t.hold IS NULL AND NOT {leased} AND NOT EXISTS (SELECT FROM {dead} d WHERE d.id = t.id)"""
		.replace("{leased}", TaskRow.LEASED);

	private static final String DUE = "SELECT due.prepare, due.prune, {tasks} FROM {partitions} AS due";

	private static final String DUE_TASKS = """
			EXISTS (SELECT FROM {table} t WHERE {movable}) OR EXISTS (SELECT FROM {table} t WHERE {undated})"""
		.replace("{movable}", MOVABLE)
		.replace("{undated}", UNDATED);

	private static final String PREPARE = "SELECT created, hindered FROM {prepare}(?)";

	private static final String PRUNE = "SELECT dropped, hindered, deleted FROM {prune}(? * interval '1 microsecond')";

	private static final String DATE = """
			UPDATE {table} t
			SET parked_at = statement_timestamp()
			WHERE t.id = ANY (ARRAY(
				SELECT t.id FROM {table} t WHERE {undated} LIMIT {batch} FOR UPDATE SKIP LOCKED))
			""".replace("{undated}", UNDATED).replace("{batch}", String.valueOf(BATCH));

	private static final String MOVE = """
			WITH old AS MATERIALIZED (
				SELECT t.id FROM {table} t WHERE {movable} ORDER BY t.parked_at LIMIT {batch} FOR UPDATE SKIP LOCKED
			), gone AS (
				DELETE FROM {table} t WHERE t.id = ANY (ARRAY(SELECT old.id FROM old)) RETURNING t.*
			), kept AS (
				INSERT INTO {dead} (id, task, step, error, failures, passed, tried, delivery, priority, headers, tags, unique_key,
					created_at, parked_at, moved_at)
				SELECT t.id, t.task, t.step, t.error, t.failures, t.passed, t.tried, t.delivery, t.priority, t.headers, t.tags,
					t.unique_key, t.created_at, t.parked_at, statement_timestamp()
				FROM gone t
				RETURNING 1
			)
			SELECT count(*) FROM kept
			"""
		.replace("{movable}", MOVABLE)
		.replace("{batch}", String.valueOf(BATCH));

	private final HistorySettings history;

	private final HousekeepingSettings settings;

	private final String tableName;

	private final String due;

	private final String prepare;

	private final String prune;

	private final String date;

	private final String move;

	HousekeepingStatements(TaskTable table, HousekeepingSettings settings) {
		this.history = table.history();
		this.settings = settings;
		this.tableName = table.name();
		this.due = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(due(table)));
		this.prepare = PREPARE.replace("{prepare}", table.qualify("pg_task_history_prepare"));
		this.prune = PRUNE.replace("{prune}", table.qualify("pg_task_history_prune"));
		this.date = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(DATE));
		this.move = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(MOVE));
	}

	private static String due(TaskTable table) {
		String partitions = "{historyDue}(?, ? * interval '1 microsecond')";
		return DUE.replace("{tasks}", table.history().deadTasks() ? DUE_TASKS : "false")
			.replace("{partitions}", table.history().isOn() ? partitions : "(VALUES (false, false))")
			.replace("AS due", table.history().isOn() ? "AS due" : "AS due (prepare, prune)");
	}

	/** Take the lock of whoever keeps house, until the transaction ends. */
	boolean lock(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
			statement.setInt(1, LOCK_CLASS);
			statement.setString(2, this.tableName);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getBoolean(1);
			}
		}
	}

	Due due(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.due)) {
			int parameter = 1;
			if (this.history.deadTasks()) {
				statement.setLong(parameter++, DatabaseTimes.microseconds(this.settings.deadAfter()));
			}
			if (this.history.isOn()) {
				statement.setInt(parameter++, this.settings.daysAhead());
				statement.setLong(parameter, DatabaseTimes.microseconds(this.settings.retention()));
			}
			try (ResultSet row = Planning.query(statement)) {
				row.next();
				return new Due(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3));
			}
		}
	}

	HousekeepingReport prepare(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.prepare)) {
			statement.setInt(1, this.settings.daysAhead());
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return new HousekeepingReport(true, names(row, 1), List.of(), names(row, 2), 0, 0);
			}
		}
	}

	HousekeepingReport prune(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.prune)) {
			statement.setLong(1, DatabaseTimes.microseconds(this.settings.retention()));
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return new HousekeepingReport(true, List.of(), names(row, 1), names(row, 2), row.getLong(3), 0);
			}
		}
	}

	/** Note the time of tasks that were parked without one. */
	int date(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.date)) {
			return Planning.update(statement);
		}
	}

	/** Move a batch of parked tasks to the dead ones. */
	int move(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.move)) {
			statement.setLong(1, DatabaseTimes.microseconds(this.settings.deadAfter()));
			try (ResultSet row = Planning.query(statement)) {
				row.next();
				return row.getInt(1);
			}
		}
	}

	private static List<String> names(ResultSet row, int column) throws SQLException {
		return List.of((String[]) row.getArray(column).getArray());
	}

	/**
	 * What there is to do.
	 *
	 * @param prepare whether partitions are to be made
	 * @param prune whether records are old enough to go
	 * @param tasks whether parked tasks are to be moved
	 */
	record Due(boolean prepare, boolean prune, boolean tasks) {

	}

}
