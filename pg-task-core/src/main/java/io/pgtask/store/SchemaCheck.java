package io.pgtask.store;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Checks before a worker starts that the database is one it can work with: a PostgreSQL
 * that is new enough, with the table, of the schema version this release needs, and the
 * privileges to use it. It makes no difference who made the table.
 */
public final class SchemaCheck {

	private static final String POSTGRESQL = "PostgreSQL";

	private static final int OLDEST_MAJOR = 15;

	private static final String EVERYTHING = "SELECT,INSERT,UPDATE,DELETE";

	private static final String MAY_USE_SCHEMA = "SELECT has_schema_privilege(?, 'USAGE')";

	private static final String MISSING_PRIVILEGES = """
			SELECT string_agg(p, ', ') FROM string_to_table(?, ',') AS p, pg_class c
			JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = ? AND c.relname = ? AND NOT has_table_privilege(c.oid, p)
			""";

	private static final String MISSING_FUNCTIONS = """
			SELECT string_agg(p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', ', ' ORDER BY p.proname)
			FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
			WHERE n.nspname = ? AND p.proname IN ('pg_task_history_due', 'pg_task_history_prepare', 'pg_task_history_prune')
				AND NOT has_function_privilege(p.oid, 'EXECUTE')
			""";

	private static final String MODE_FILES = "normal.sql (or shared-with-rust.sql)";

	private SchemaCheck() {
	}

	/**
	 * Check the database for someone who only enqueues tasks.
	 * @param dataSource the database
	 * @param table where the table should be
	 * @throws PgTaskConfigurationException if it is none that pg-task can use, with what
	 * to do
	 * @throws DataAccessException if the database cannot be asked
	 */
	public static void verify(DataSource dataSource, TaskTable table) {
		verify(dataSource, table, privileges(table, Map.of(TaskTable.NAME, "INSERT"), "SELECT", "SELECT"));
	}

	/**
	 * Check the database for a worker, which needs more privileges.
	 * @param dataSource the database
	 * @param table where the table should be
	 * @throws PgTaskConfigurationException if a worker cannot work with it, with what to
	 * do
	 * @throws DataAccessException if the database cannot be asked
	 */
	public static void verifyForWorker(DataSource dataSource, TaskTable table) {
		Map<String, String> always = Map.of(TaskTable.NAME, EVERYTHING, TaskTable.NAME_OF_PAUSED, "SELECT");
		verify(dataSource, table, privileges(table, always, "SELECT,INSERT", EVERYTHING));
	}

	/**
	 * Check the database for somebody who keeps house.
	 * @param dataSource the database
	 * @param table where the table should be
	 * @throws PgTaskConfigurationException if the user may not do that, with what to do
	 * @throws DataAccessException if the database cannot be asked
	 */
	public static void verifyForHousekeeping(DataSource dataSource, TaskTable table) {
		verifyForWorker(dataSource, table);
		if (!table.history().isOn()) {
			return;
		}
		new JdbcTemplate(dataSource).execute((Connection connection) -> {
			SchemaState state = SchemaState.read(connection, table);
			String missing = query(connection, MISSING_FUNCTIONS, state.schema());
			if (missing != null) {
				throw new PgTaskConfigurationException(
						"The database user %s may not execute functions in schema '%s' that keep the history in order: %s"
							.formatted(connection.getMetaData().getUserName(), state.schema(), missing),
						"GRANT EXECUTE on them to that user, or set pg-task.housekeeping.enabled to false on all nodes but those whose user may.");
			}
			return true;
		});
	}

	/** The privileges by the table; in their order is told what is missing. */
	private static SortedMap<String, String> privileges(TaskTable table, Map<String, String> always, String onHistory,
			String onDeadTasks) {
		SortedMap<String, String> privileges = new TreeMap<>(always);
		if (table.history().isOn()) {
			privileges.put(TaskTable.NAME_OF_HISTORY, onHistory);
		}
		if (table.history().deadTasks()) {
			privileges.put(TaskTable.NAME_OF_DEAD, onDeadTasks);
		}
		return privileges;
	}

	private static void verify(DataSource dataSource, TaskTable table, SortedMap<String, String> privileges) {
		new JdbcTemplate(dataSource).execute((Connection connection) -> {
			verifyServer(connection);
			SchemaState state = SchemaState.read(connection, table);
			verifyTable(state, table);
			verifyUsage(connection, state);
			for (Map.Entry<String, String> needed : privileges.entrySet()) {
				verifyPrivileges(connection, state, needed.getKey(), needed.getValue());
			}
			return true;
		});
	}

	/**
	 * Check only that the server is a PostgreSQL which is new enough.
	 * @param connection a connection to the database
	 * @throws PgTaskConfigurationException if it is not
	 * @throws SQLException if the database cannot be asked
	 */
	public static void verifyServer(Connection connection) throws SQLException {
		DatabaseMetaData database = connection.getMetaData();
		String product = database.getDatabaseProductName();
		if (!POSTGRESQL.equals(product)) {
			throw new PgTaskConfigurationException(
					"pg-task keeps its tasks in PostgreSQL, but its DataSource leads to %s %s".formatted(product,
							database.getDatabaseProductVersion()),
					"Set spring.datasource.url to a PostgreSQL database, or mark the DataSource of one with "
							+ "@PgTaskDataSource.");
		}
		if (database.getDatabaseMajorVersion() < OLDEST_MAJOR) {
			throw new PgTaskConfigurationException(
					"pg-task needs PostgreSQL %d or later, but the server is %s".formatted(OLDEST_MAJOR,
							database.getDatabaseProductVersion()),
					"Upgrade the server, or set spring.datasource.url to a newer one.");
		}
	}

	private static void verifyTable(SchemaState state, TaskTable table) {
		if (state.schema() == null) {
			throw new PgTaskConfigurationException("There is no table pg_task in " + whereToLook(state, table),
					"%s If the table is elsewhere, set pg-task.schema to its schema."
						.formatted(howToMigrate(table.schema())));
		}
		if (state.version() < SchemaState.CURRENT_VERSION) {
			List<String> missing = SchemaState.CHANGES.subList(state.version(), SchemaState.CURRENT_VERSION);
			throw new PgTaskConfigurationException(
					"The schema of the table pg_task in schema '%s' is %s, but this release of pg-task needs version %d: missing are %s and then %s"
						.formatted(state.schema(),
								(state.version() > 0) ? "at version " + state.version()
										: "not that of pg-task (perhaps that of the Rust library)",
								SchemaState.CURRENT_VERSION, String.join(", ", missing), MODE_FILES),
					howToMigrate(state.schema()));
		}
	}

	private static String whereToLook(SchemaState state, TaskTable table) {
		if (table.schema() != null) {
			return "schema '" + table.schema() + "'";
		}
		return "the search path (" + (state.searchPath().isEmpty() ? "which is empty" : state.searchPath()) + ")";
	}

	private static String howToMigrate(@Nullable String schema) {
		return "Let pg-task migrate its schema (pg-task.liquibase.enabled=true, with Liquibase on the class path), "
				+ "or apply the files in io/pgtask/db of pg-task-core%s: the numbered ones in order, then %s."
					.formatted((schema != null) ? " with search_path set to '" + schema + "'" : "", MODE_FILES);
	}

	private static void verifyUsage(Connection connection, SchemaState state) throws SQLException {
		if ("f".equals(query(connection, MAY_USE_SCHEMA, state.schema()))) {
			throw new PgTaskConfigurationException(
					"The database user %s may not use the schema '%s' of the table pg_task"
						.formatted(connection.getMetaData().getUserName(), state.schema()),
					"GRANT USAGE ON SCHEMA to that user.");
		}
	}

	private static void verifyPrivileges(Connection connection, SchemaState state, String relation, String privileges)
			throws SQLException {
		String missing = query(connection, MISSING_PRIVILEGES, privileges, state.schema(), relation);
		if (missing != null) {
			throw new PgTaskConfigurationException(
					"The database user %s lacks privileges on the table %s in schema '%s': %s"
						.formatted(connection.getMetaData().getUserName(), relation, state.schema(), missing),
					"GRANT %s ON the table to that user.".formatted(missing));
		}
	}

	private static @Nullable String query(Connection connection, String sql, @Nullable String... parameters)
			throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int index = 0; index < parameters.length; index++) {
				statement.setString(index + 1, parameters[index]);
			}
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getString(1);
			}
		}
	}

}
