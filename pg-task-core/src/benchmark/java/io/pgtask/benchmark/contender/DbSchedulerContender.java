package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import javax.sql.DataSource;

/**
 * db-scheduler, which locks and fetches tasks by one statement and ends each by one.
 *
 * @param threads how many tasks run at once
 * @param lowerLimit when to fetch: with so many tasks left in memory, as a multiple of
 * the threads
 * @param upperLimit how many tasks to have in memory then
 */
record DbSchedulerContender(int threads, double lowerLimit, double upperLimit) implements Contender {

	/** How long a task from another process may wait: the default is 10 seconds. */
	static final Duration POLLING_INTERVAL = Duration.ofMillis(100);

	/** For those who poll, besides the threads. */
	private static final int MORE_CONNECTIONS = 2;

	// As its documentation says, without the index for priorities, which are off.
	private static final String TABLE = """
			CREATE TABLE scheduled_tasks (
				task_name text NOT NULL,
				task_instance text NOT NULL,
				task_data bytea,
				execution_time timestamp with time zone,
				picked boolean NOT NULL,
				picked_by text,
				last_success timestamp with time zone,
				last_failure timestamp with time zone,
				consecutive_failures int,
				last_heartbeat timestamp with time zone,
				version bigint NOT NULL,
				priority smallint,
				state text,
				PRIMARY KEY (task_name, task_instance)
			);
			CREATE INDEX execution_time_idx ON scheduled_tasks (execution_time);
			CREATE INDEX last_heartbeat_idx ON scheduled_tasks (last_heartbeat);
			""";

	private static final String INSERT = """
			INSERT INTO scheduled_tasks (task_name, task_instance, execution_time, picked, version)
			SELECT ? || n % ?, n::text, clock_timestamp(), false, 1 FROM generate_series(?, ?) n
			""";

	private static final String DRAINED = "SELECT /* benchmark */ NOT EXISTS (SELECT FROM scheduled_tasks)";

	@Override
	public String description(DataSource database) {
		return "%d threads, pollUsingLockAndFetch(%s, %s), immediate execution, polling every %s, a pool of %d connections"
			.formatted(this.threads, this.lowerLimit, this.upperLimit, POLLING_INTERVAL, connections());
	}

	@Override
	public void createTables(DataSource database) throws SQLException {
		try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(TABLE);
		}
	}

	@Override
	public void fill(DataSource database, Workload workload, int tasks) throws SQLException {
		try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("TRUNCATE scheduled_tasks");
			insert(connection, workload, 0, tasks);
			statement.execute("VACUUM (ANALYZE) scheduled_tasks");
		}
	}

	static void insert(Connection connection, Workload workload, int first, int tasks) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
			statement.setString(1, DbSchedulerEngine.TASK_NAME);
			statement.setInt(2, workload.types());
			statement.setInt(3, first);
			statement.setInt(4, first + tasks - 1);
			statement.executeUpdate();
		}
	}

	@Override
	public boolean isDrained(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(DRAINED)) {
			return row.next() && row.getBoolean(1);
		}
	}

	@Override
	public int connections() {
		return this.threads + MORE_CONNECTIONS;
	}

	@Override
	public Engine open(DataSource pool, Workload workload, Progress progress) {
		return new DbSchedulerEngine(pool, this, workload, progress);
	}

}
