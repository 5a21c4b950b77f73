package io.pgtask.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.pgtask.store.TaskTable;

/**
 * Makes the table {@code pg_task} for tests, by the plain SQL files that are shipped.
 */
public final class TaskSchema {

	private static final String LOCATION = "/io/pgtask/db/";

	private static final List<String> NUMBERED = List.of("01-table.sql", "02-options.sql", "03-failures.sql",
			"04-history.sql", "05-notifications.sql");

	private static final String NORMAL = "normal.sql";

	private static final String SHARED_WITH_RUST = "shared-with-rust.sql";

	private TaskSchema() {
	}

	/**
	 * Makes the table in the first schema of the search path, in the normal mode.
	 * @param dataSource the database
	 */
	public static void create(DataSource dataSource) {
		create(dataSource, TaskTable.inSearchPath(), false);
	}

	/**
	 * Makes the table, or changes its mode.
	 * @param dataSource the database
	 * @param table where the table is to be; a named schema is created if it is missing
	 * @param sharedWithRust whether the table is shared with Rust workers
	 */
	public static void create(DataSource dataSource, TaskTable table, boolean sharedWithRust) {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			if (table.schema() != null) {
				statement.execute("CREATE SCHEMA IF NOT EXISTS " + table.quotedSchema());
				statement.execute("SET search_path TO " + table.quotedSchema());
			}
			for (String file : files(sharedWithRust)) {
				statement.execute(script(file));
			}
			if (table.schema() != null) {
				statement.execute("RESET search_path");
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("Cannot create " + table, ex);
		}
	}

	/**
	 * Returns the names of the files that make the table.
	 * @param sharedWithRust whether the table is shared with Rust workers
	 * @return the names, in their order
	 */
	public static List<String> files(boolean sharedWithRust) {
		return Stream.concat(NUMBERED.stream(), Stream.of(sharedWithRust ? SHARED_WITH_RUST : NORMAL)).toList();
	}

	/**
	 * Returns one of the files.
	 * @param name the name of the file, without its directory
	 * @return its text
	 */
	public static String script(String name) {
		try (InputStream file = TaskTable.class.getResourceAsStream(LOCATION + name)) {
			if (file == null) {
				throw new IllegalArgumentException("There is no resource " + LOCATION + name);
			}
			return new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
