package io.pgtask.store;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;

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
		verify(dataSource, table, Privileges.ofProducer(table));
	}

	/**
	 * Check the database for someone who only looks at tasks.
	 * @param dataSource the database
	 * @param table where the table should be
	 * @throws PgTaskConfigurationException if it is none that pg-task can use, with what
	 * to do
	 * @throws DataAccessException if the database cannot be asked
	 */
	public static void verifyForReader(DataSource dataSource, TaskTable table) {
		verify(dataSource, table, Privileges.ofReader(table));
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
		verify(dataSource, table, Privileges.ofWorker(table));
	}

	/**
	 * Check the database for somebody who keeps house.
	 * @param dataSource the database
	 * @param table where the table should be
	 * @throws PgTaskConfigurationException if the user may not do that, with what to do
	 * @throws DataAccessException if the database cannot be asked
	 */
	public static void verifyForHousekeeping(DataSource dataSource, TaskTable table) {
		verify(dataSource, table, Privileges.ofHousekeeper(table));
	}

	private static void verify(DataSource dataSource, TaskTable table, Privileges privileges) {
		new JdbcTemplate(dataSource).execute((Connection connection) -> {
			verifyServer(connection);
			SchemaState state = SchemaState.read(connection, table);
			verifyTable(state, table);
			privileges.verify(connection, Objects.requireNonNull(state.schema()));
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

}
