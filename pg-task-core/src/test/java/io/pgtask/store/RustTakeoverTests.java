package io.pgtask.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.RustSchema;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for taking over the table of the Rust library with its rows.
 */
@PostgresTest
class RustTakeoverTests {

	private static final String WAITING = """
			INSERT INTO pg_task (id, step, wakeup_at, tried, created_at, updated_at) VALUES
			('00000000-0000-0000-0000-000000000001', '{"Greeter":{"ReadName":{"filename":"name.txt"}}}',
			'2026-01-02 03:04:05+00', 2, '2026-01-01 00:00:00+00', '2026-01-01 12:00:00+00')""";

	private static final String ERRORED = """
			INSERT INTO pg_task (id, step, wakeup_at, tried, error, created_at, updated_at) VALUES
			('00000000-0000-0000-0000-000000000002', '{"Greeter":{"SayHello":null}}', '2026-01-02 00:00:00+00', 6,
			'no such file', '2026-01-01 00:00:00+00', '2026-01-02 00:00:01+00')""";

	private static final String SELECT = """
			SELECT step, wakeup_at AT TIME ZONE 'UTC', tried, error, created_at AT TIME ZONE 'UTC',
			    updated_at AT TIME ZONE 'UTC', locked_by IS NOT NULL, lock_expires_at <= now(), task, priority,
			    delivery, parked_at AT TIME ZONE 'UTC', last_error, headers, quiet
			FROM pg_task WHERE id = '00000000-0000-0000-0000-00000000000%d'""";

	private final String schema = "s" + UUID.randomUUID().toString().replace("-", "");

	private final TestDatabase database;

	private final Connection connection;

	private final Statement statement;

	RustTakeoverTests(TestDatabase database) throws SQLException {
		this.database = database;
		this.connection = database.openConnection();
		this.statement = this.connection.createStatement();
	}

	@BeforeEach
	void useOwnSchema() throws SQLException {
		this.statement.execute("CREATE SCHEMA " + this.schema);
		this.statement.execute("SET search_path TO " + this.schema);
	}

	@AfterEach
	void close() throws SQLException {
		this.connection.close();
	}

	@ParameterizedTest
	@EnumSource(RustSchema.class)
	void keepsRows(RustSchema rust) throws SQLException {
		rust.create(this.connection);
		this.statement.execute(WAITING);
		this.statement.execute(ERRORED);
		takeOver(false);
		assertThat(row(1)).containsExactly("{\"Greeter\":{\"ReadName\":{\"filename\":\"name.txt\"}}}",
				"2026-01-02 03:04:05", "2", null, "2026-01-01 00:00:00", "2026-01-01 12:00:00", "f", null, "Greeter",
				"4", "0", null, null, null, null);
		assertThat(row(2)).as("marked as parked when it failed")
			.containsExactly("{\"Greeter\":{\"SayHello\":null}}", "2026-01-02 00:00:00", "6", "no such file",
					"2026-01-01 00:00:00", "2026-01-02 00:00:01", "f", null, "Greeter", "4", "0", "2026-01-02 00:00:01",
					null, null, null);
	}

	@ParameterizedTest
	@EnumSource(value = RustSchema.class, mode = Mode.EXCLUDE, names = "LEASES")
	void givesARunningRowOfTheTimeBeforeLeasesFree(RustSchema rust) throws SQLException {
		rust.create(this.connection);
		this.statement.execute(WAITING);
		this.statement.execute("UPDATE pg_task SET is_running = true, updated_at = '2026-01-01 12:00:00+00'");
		List<String> before = query("SELECT updated_at AT TIME ZONE 'UTC' FROM pg_task");
		takeOver(false);
		List<String> row = row(1);
		assertThat(row.get(5)).isEqualTo(before.get(0));
		assertThat(row.get(6)).as("leased").isEqualTo("t");
		assertThat(row.get(7)).as("expired").isEqualTo("t");
	}

	@Test
	void keepsTheLeaseOfARunningRow() throws SQLException {
		RustSchema.LEASES.create(this.connection);
		this.statement.execute(WAITING);
		this.statement.execute("""
				UPDATE pg_task SET locked_by = '00000000-0000-0000-0000-00000000000a',
				lock_expires_at = now() + interval '1 minute'""");
		List<String> before = query("SELECT locked_by, lock_expires_at FROM pg_task");
		takeOver(true);
		assertThat(query("SELECT locked_by, lock_expires_at FROM pg_task")).isEqualTo(before);
	}

	@Test
	void takesTextsThatAreNoTasks() throws SQLException {
		RustSchema.UPDATED_AT.create(this.connection);
		this.statement
			.execute("INSERT INTO pg_task (step) VALUES (''), ('no json'), ('{\"cut'), (repeat('\\\"', 1000000))");
		takeOver(false);
		assertThat(query("SELECT count(*) FROM pg_task WHERE task IS NULL")).containsExactly("4");
	}

	@Test
	void wakesNobodyForTheRowsItTakes() throws SQLException {
		RustSchema.LEASES.create(this.connection);
		this.statement.execute(WAITING);
		this.statement.execute(ERRORED);
		this.statement.execute("LISTEN pg_task_changed");
		this.statement.execute("LISTEN pg_task_error");
		takeOver(true);
		assertThat(this.connection.unwrap(PGConnection.class).getNotifications(200)).isEmpty();
		takeOver(false);
		assertThat(this.connection.unwrap(PGConnection.class).getNotifications(200)).isEmpty();
	}

	@Test
	void leavesTheRecordOfRustMigrationsAndForeignTriggersAlone() throws SQLException {
		RustSchema.LEASES.create(this.connection);
		this.statement.execute("""
				CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END;$$;
				CREATE TRIGGER audit AFTER DELETE ON pg_task FOR EACH ROW EXECUTE FUNCTION audit()""");
		List<String> migrations = query("SELECT * FROM _sqlx_migrations ORDER BY version");
		takeOver(true);
		takeOver(false);
		assertThat(query("SELECT * FROM _sqlx_migrations ORDER BY version")).isEqualTo(migrations);
		assertThat(query("SELECT count(*) FROM pg_trigger WHERE tgname = 'audit'")).containsExactly("1");
	}

	@Test
	void doesNotMarkLaterErrorsWhenItRunsAgain() throws SQLException {
		takeOver(false);
		this.statement.execute(ERRORED);
		takeOver(false);
		assertThat(row(2).get(11)).isNull();
	}

	@Test
	void keepsWhatAnAdministratorTunedLater() throws SQLException {
		takeOver(false);
		this.statement.execute("ALTER TABLE pg_task SET (fillfactor = 90), ALTER COLUMN step SET STATISTICS 0");
		takeOver(false);
		assertThat(
				query("SELECT reloptions::text LIKE '%fillfactor=90%' FROM pg_class WHERE oid = 'pg_task'::regclass"))
			.containsExactly("t");
	}

	private void takeOver(boolean sharedWithRust) {
		TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(this.schema), sharedWithRust);
	}

	private List<String> row(int id) throws SQLException {
		return query(SELECT.formatted(id));
	}

	private List<String> query(String sql) throws SQLException {
		List<String> values = new ArrayList<>();
		try (ResultSet rows = this.statement.executeQuery(sql)) {
			while (rows.next()) {
				for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
					values.add(rows.getString(column));
				}
			}
		}
		return values;
	}

}
