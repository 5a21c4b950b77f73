package io.pgtask.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Reads the counters of the server, from a connection to a database that nothing is
 * measured in.
 */
final class ServerMeter implements AutoCloseable {

	private static final String POSITION = """
			SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn""";

	private static final String CLIENTS = """
			SELECT count(*) FROM pg_stat_activity WHERE datname = ? AND backend_type = 'client backend'""";

	private static final String COMMITS = """
			SELECT xact_commit FROM pg_stat_database WHERE datname = ?""";

	private static final String FULL_PAGE_IMAGES = """
			SELECT wal_fpi FROM pg_stat_wal""";

	// What the benchmark asks for itself is marked.
	private static final String STATEMENTS = """
			SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
			WHERE d.datname = ? AND s.query NOT LIKE '%/* benchmark */%'""";

	private static final String COUNTS_STATEMENTS = """
			SELECT (current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%'
				AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements'))::int""";

	private static final String EXPENSIVE = """
			SELECT s.query, s.calls, s.rows, s.total_exec_time, s.wal_bytes, s.shared_blks_hit + s.shared_blks_read
			FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
			WHERE d.datname = ? AND s.query NOT LIKE '%/* benchmark */%'
			ORDER BY s.total_exec_time DESC
			LIMIT 15""";

	private static final String BACKEND = "SELECT pg_backend_pid()";

	private final Connection connection;

	private final boolean countsStatements;

	private final long backend;

	ServerMeter(Database home) throws SQLException {
		this.connection = home.unpooled().getConnection();
		createExtension();
		this.countsStatements = number(COUNTS_STATEMENTS) == 1;
		this.backend = number(BACKEND);
	}

	private void createExtension() {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
		}
		catch (SQLException ex) {
			System.err.println("Statements are not counted: " + ex.getMessage());
		}
	}

	/** Return how much WAL there has ever been, in bytes. */
	long walPosition() throws SQLException {
		return number(POSITION);
	}

	/**
	 * Return what the server has used of the processors, in seconds, if it can be told.
	 */
	@Nullable Double cpuSeconds() {
		return ProcessTimes.ofServer(this.backend);
	}

	/**
	 * Read the counters of a database when nobody is connected to it any more: until then
	 * the server has not got all of them.
	 */
	Counters counters(Database database) throws SQLException, InterruptedException {
		while (number(CLIENTS, database.name()) > 0) {
			Thread.sleep(10);
		}
		return new Counters(number(COMMITS, database.name()), number(FULL_PAGE_IMAGES),
				this.countsStatements ? number(STATEMENTS, database.name()) : null);
	}

	/** Return the statements that took the most time in a database, the fill included. */
	List<StatementCost> expensiveStatements(Database database) throws SQLException {
		List<StatementCost> statements = new ArrayList<>();
		if (!this.countsStatements) {
			return statements;
		}
		try (PreparedStatement statement = this.connection.prepareStatement(EXPENSIVE)) {
			statement.setString(1, database.name());
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					statements.add(new StatementCost(rows.getString(1), rows.getLong(2), rows.getLong(3),
							rows.getDouble(4), rows.getLong(5), rows.getLong(6)));
				}
			}
		}
		return statements;
	}

	private long number(String sql, String... parameters) throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(sql)) {
			for (int i = 0; i < parameters.length; i++) {
				statement.setString(i + 1, parameters[i]);
			}
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getLong(1);
			}
		}
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

	/**
	 * What the server has counted.
	 *
	 * @param commits transactions that were committed in the database, those that only
	 * read included
	 * @param fullPageImages full page images in the WAL, of all databases
	 * @param statements statements in the database, if they are counted
	 */
	record Counters(long commits, long fullPageImages, @Nullable Long statements) {
	}

	/**
	 * What a statement has cost in all its executions.
	 *
	 * @param query its text
	 * @param calls how often it was executed
	 * @param rows how many rows it has returned or changed
	 * @param milliseconds how long it took
	 * @param walBytes how much WAL it wrote
	 * @param buffers how many pages it has looked at
	 */
	record StatementCost(String query, long calls, long rows, double milliseconds, long walBytes, long buffers) {
	}

}
