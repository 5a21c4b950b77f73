package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What the catalog says about the table {@code pg_task}: one query, which needs no
 * privileges and finds whatever made the table, Liquibase or the plain SQL files.
 *
 * @param schema the schema of the table, or {@code null} if there is no table
 * @param version the version of the schema; 0 if pg-task has not made or taken over the
 * table yet
 * @param sharedWithRust whether indexes and triggers are those of the mode that Rust
 * workers need
 * @param searchPath the schemas of the search path that exist, for messages
 */
public record SchemaState(@Nullable String schema, int version, boolean sharedWithRust, String searchPath) {

	/** The numbered files of the schema, in order; each one is a version. */
	static final List<String> CHANGES = List.of("01-table.sql", "02-options.sql", "03-failures.sql", "04-history.sql",
			"05-notifications.sql");

	/** The version that this release of pg-task needs and makes. */
	public static final int CURRENT_VERSION = CHANGES.size();

	/** The body of pg_task_schema(), which every mode file replaces when it is done. */
	private static final Pattern VERSION_AND_MODE = Pattern.compile("SELECT (\\d+), (true|false)");

	private static final String READ = """
			SELECT n.nspname, p.prosrc, array_to_string(current_schemas(false), ', ')
			FROM (SELECT) AS always
			LEFT JOIN pg_class c ON c.oid = CASE WHEN ?::text IS NULL THEN to_regclass('pg_task')
			    ELSE (SELECT t.oid FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
			        WHERE t.relname = 'pg_task' AND s.nspname = ?) END
			LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
			LEFT JOIN pg_proc p ON p.proname = 'pg_task_schema' AND p.pronamespace = n.oid AND p.pronargs = 0
			""";

	/**
	 * Read the state.
	 * @param connection a connection to PostgreSQL
	 * @param table where to look
	 * @return the state
	 * @throws SQLException if the database cannot be asked
	 */
	public static SchemaState read(Connection connection, TaskTable table) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(READ)) {
			statement.setString(1, table.schema());
			statement.setString(2, table.schema());
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return of(row.getString(1), row.getString(2), row.getString(3));
			}
		}
	}

	private static SchemaState of(@Nullable String schema, @Nullable String source, String searchPath) {
		Matcher matcher = VERSION_AND_MODE.matcher((source != null) ? source : "");
		if (!matcher.matches()) {
			return new SchemaState(schema, 0, false, searchPath);
		}
		return new SchemaState(schema, Integer.parseInt(matcher.group(1)), Boolean.parseBoolean(matcher.group(2)),
				searchPath);
	}

	/**
	 * Return whether nothing remains to be done for this release in the given mode. A
	 * newer schema serves as well, and is none of this release's business.
	 * @param sharedWithRust the wanted mode
	 * @return whether the schema is as it should be
	 */
	public boolean isCurrent(boolean sharedWithRust) {
		return this.version > CURRENT_VERSION
				|| (this.version == CURRENT_VERSION && this.sharedWithRust == sharedWithRust);
	}

}
