package io.pgtask.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The states in which releases of the Rust library left the table, made by its own
 * migrations, each of which is one state.
 */
public enum RustSchema {

	/** The first release. */
	TABLE("20230703122702_table"),

	/** With a trigger that wakes workers. */
	NOTIFY("20230714025134_trigger"),

	/** With a trigger that keeps {@code updated_at}. */
	UPDATED_AT("20240630005452_auto-updated_at"),

	/** With leases instead of {@code is_running}. */
	LEASES("20260509130000_task-leases");

	private static final String MIGRATIONS_TABLE = """
			CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL,
			installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL,
			execution_time bigint NOT NULL)""";

	private static final String MIGRATION = "INSERT INTO _sqlx_migrations VALUES (%s, '%s', now(), true, '\\xcafe', 1)";

	private final String migration;

	RustSchema(String migration) {
		this.migration = migration;
	}

	/**
	 * Makes the table in the first schema of the search path.
	 * @param connection the database
	 * @throws SQLException if that fails
	 */
	public void create(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(MIGRATIONS_TABLE);
			for (RustSchema state : List.of(values()).subList(0, ordinal() + 1)) {
				state.migrate(statement);
			}
		}
	}

	/**
	 * Brings the table from the state before to this one, as an upgraded Rust worker
	 * does.
	 * @param statement a statement of the database
	 * @throws SQLException if that fails
	 */
	public void migrate(Statement statement) throws SQLException {
		statement.execute(script());
		String[] versionAndName = this.migration.split("_", 2);
		statement.execute(MIGRATION.formatted(versionAndName[0], versionAndName[1]));
	}

	private String script() {
		String resource = "rust/" + this.migration + ".sql";
		try (InputStream file = RustSchema.class.getResourceAsStream(resource)) {
			if (file == null) {
				throw new IllegalStateException("There is no resource " + resource);
			}
			return new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
