package io.pgtask.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.util.PSQLException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what the triggers and constraints of both modes do.
 */
@PostgresTest
class SchemaModeTests {

	private static final String ID = "00000000-0000-0000-0000-000000000001";

	private static final String INSERT = "INSERT INTO pg_task (id, step) VALUES ('" + ID + "', '{\"Greeter\":null}')";

	private static final String CLAIM = """
			UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 minute'""";

	private static final String RENEW = "UPDATE pg_task SET lock_expires_at = now() + interval '2 minutes'";

	private static final String RETRY = """
			UPDATE pg_task SET tried = tried + 1, wakeup_at = now(), locked_by = NULL, lock_expires_at = NULL""";

	private static final String NEXT_STEP = """
			UPDATE pg_task SET tried = 0, step = '{"Greeter":{"Next":null}}', wakeup_at = now(), locked_by = NULL,
			lock_expires_at = NULL""";

	private static final String FAIL = """
			UPDATE pg_task SET tried = tried + 1, error = 'boom', wakeup_at = now(), locked_by = NULL,
			lock_expires_at = NULL""";

	private static final String RESUME = "UPDATE pg_task SET error = NULL";

	private static final String NOTHING = "UPDATE pg_task SET tried = tried";

	private static final String DELETE = "DELETE FROM pg_task";

	private final String schema = "s" + UUID.randomUUID().toString().replace("-", "");

	private final TestDatabase database;

	private final Connection connection;

	private final Statement statement;

	SchemaModeTests(TestDatabase database) throws SQLException {
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

	@Test
	void theNormalModeNotifiesOfPlainInsertsAndResumedTasksOnly() throws SQLException {
		create(false);
		listen();
		assertThat(notificationsOf(INSERT)).containsExactly("pg_task_changed:");
		assertThat(notificationsOf(CLAIM)).isEmpty();
		assertThat(notificationsOf(RENEW)).isEmpty();
		assertThat(notificationsOf(RETRY)).isEmpty();
		assertThat(notificationsOf(NEXT_STEP)).isEmpty();
		assertThat(notificationsOf(FAIL)).containsExactly("pg_task_error:" + ID);
		assertThat(notificationsOf("UPDATE pg_task SET error = 'still'")).isEmpty();
		assertThat(notificationsOf(RESUME)).containsExactly("pg_task_changed:");
		assertThat(notificationsOf(NOTHING)).isEmpty();
		assertThat(notificationsOf(DELETE)).isEmpty();
	}

	@Test
	void aHeldTaskIsNotifiedOfWhenItIsLetGo() throws SQLException {
		create(false);
		listen();
		assertThat(notificationsOf("INSERT INTO pg_task (step, hold) VALUES ('{\"A\":1}', 'reserved')")).isEmpty();
		assertThat(notificationsOf("UPDATE pg_task SET hold_due = now()")).isEmpty();
		assertThat(notificationsOf("UPDATE pg_task SET hold = NULL")).containsExactly("pg_task_changed:");
		assertThat(notificationsOf("UPDATE pg_task SET hold = 'reserved'")).isEmpty();
		assertThat(notificationsOf("UPDATE pg_task SET hold = NULL, quiet = true")).isEmpty();
	}

	@Test
	void theSharedModeNotifiesAsRustDoes() throws SQLException {
		create(true);
		listen();
		assertThat(notificationsOf(INSERT)).containsExactly("pg_task_changed:");
		assertThat(notificationsOf(CLAIM)).containsExactly("pg_task_changed:");
		assertThat(notificationsOf(RENEW)).isEmpty();
		assertThat(notificationsOf(RETRY)).containsExactly("pg_task_changed:");
		assertThat(notificationsOf(NEXT_STEP)).containsExactly("pg_task_changed:");
		assertThat(notificationsOf(FAIL)).containsExactlyInAnyOrder("pg_task_changed:", "pg_task_error:" + ID);
		assertThat(notificationsOf(RESUME)).containsExactly("pg_task_changed:");
		assertThat(notificationsOf(NOTHING)).isEmpty();
		assertThat(notificationsOf(DELETE)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void anInsertThatWakesByItselfIsNotifiedOfOnlyWhereRustListens(boolean sharedWithRust) throws SQLException {
		create(sharedWithRust);
		listen();
		List<String> notifications = notificationsOf("INSERT INTO pg_task (step, quiet) VALUES ('{\"A\":1}', true)");
		assertThat(notifications).hasSize(sharedWithRust ? 1 : 0);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aRowInsertedWithAnErrorIsToldOf(boolean sharedWithRust) throws SQLException {
		create(sharedWithRust);
		listen();
		assertThat(notificationsOf("INSERT INTO pg_task (id, step, error) VALUES ('%s', '', 'held')".formatted(ID)))
			.containsExactlyInAnyOrder("pg_task_changed:", "pg_task_error:" + ID);
	}

	@Test
	void onlyTheSharedModeRefreshesUpdatedAt() throws SQLException {
		create(false);
		this.statement.execute(INSERT);
		this.statement.execute("UPDATE pg_task SET updated_at = '2000-01-01'");
		assertThat(query("SELECT updated_at < '2001-01-01' FROM pg_task")).containsExactly("t");
		create(true);
		this.statement.execute("UPDATE pg_task SET updated_at = '2000-01-01'");
		assertThat(query("SELECT updated_at < '2001-01-01' FROM pg_task")).containsExactly("f");
	}

	@Test
	void aTaskThatRustGivesUpIsMarkedAsParked() throws SQLException {
		create(true);
		this.statement.execute(INSERT);
		this.statement.execute(CLAIM);
		this.statement.execute(FAIL);
		assertThat(query("SELECT parked_at > now() - interval '1 minute' FROM pg_task")).containsExactly("t");
		this.statement.execute(RESUME);
		assertThat(query("SELECT parked_at IS NOT NULL, tried FROM pg_task")).as("the mark stays for the claim")
			.containsExactly("t", "1");
	}

	@Test
	void aStepThatRustEntersStartsWithFreshCounters() throws SQLException {
		create(true);
		this.statement.execute(INSERT);
		this.statement.execute("UPDATE pg_task SET delivery = 3, last_error = 'old', parked_at = now(),"
				+ " failures = '[]', postponed = 2");
		this.statement.execute(CLAIM);
		this.statement.execute(NEXT_STEP);
		assertThat(query("SELECT delivery, last_error, parked_at, failures, postponed FROM pg_task"))
			.containsExactly("0", null, null, null, null);
	}

	@ParameterizedTest
	@ValueSource(strings = { "deadline = now()", "postponed = 2" })
	void aStepThatRustEntersHasNeitherADeadlineNorPostponements(String assignment) throws SQLException {
		create(true);
		this.statement.execute(INSERT);
		this.statement.execute("UPDATE pg_task SET " + assignment);
		this.statement.execute(CLAIM);
		assertThat(query("SELECT num_nonnulls(deadline, postponed) FROM pg_task")).containsExactly("1");
		this.statement.execute(NEXT_STEP);
		assertThat(query("SELECT num_nonnulls(deadline, postponed) FROM pg_task")).containsExactly("0");
	}

	@Test
	void aStepThatThisEngineEntersUnderItsLeaseKeepsItsCounters() throws SQLException {
		create(true);
		this.statement.execute(INSERT);
		this.statement.execute(CLAIM);
		this.statement.execute("UPDATE pg_task SET step = '{\"Greeter\":{\"Next\":null}}', tried = 0, delivery = 1");
		assertThat(query("SELECT delivery FROM pg_task")).containsExactly("1");
	}

	@Test
	void theMarkOfThisEngineIsKept() throws SQLException {
		create(true);
		this.statement.execute(INSERT);
		this.statement.execute("UPDATE pg_task SET error = 'boom', parked_at = '2026-01-01 00:00:00+00'");
		assertThat(query("SELECT parked_at AT TIME ZONE 'UTC' FROM pg_task")).containsExactly("2026-01-01 00:00:00");
	}

	@Test
	void anOperatorWhoMendsTheStepAndClearsTheErrorKeepsTheMark() throws SQLException {
		create(true);
		this.statement.execute(INSERT);
		this.statement.execute(CLAIM);
		this.statement.execute(FAIL);
		this.statement.execute("UPDATE pg_task SET step = '{\"Greeter\":{\"Mended\":null}}', error = NULL");
		assertThat(query("SELECT parked_at IS NOT NULL FROM pg_task")).containsExactly("t");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theLeaseColumnsMustBeSetTogether(boolean sharedWithRust) throws SQLException {
		create(sharedWithRust);
		this.statement.execute(INSERT);
		assertThatExceptionOfType(PSQLException.class)
			.isThrownBy(() -> this.statement.execute("UPDATE pg_task SET locked_by = gen_random_uuid()"))
			.withMessageContaining("pg_task_lease_state_check");
		assertThatExceptionOfType(PSQLException.class)
			.isThrownBy(() -> this.statement.execute("UPDATE pg_task SET lock_expires_at = now()"))
			.withMessageContaining("pg_task_lease_state_check");
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 10 })
	void thePriorityIsBetween0And9(int priority) {
		create(false);
		assertThatExceptionOfType(PSQLException.class)
			.isThrownBy(() -> this.statement
				.execute("INSERT INTO pg_task (step, priority) VALUES ('', %d)".formatted(priority)))
			.withMessageContaining("pg_task_priority_check");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aTransitionThatKeepsTheLeaseIsHot(boolean sharedWithRust) throws SQLException {
		create(sharedWithRust);
		this.statement.execute(INSERT);
		this.statement.execute(CLAIM);
		for (int step = 0; step < 10; step++) {
			this.statement.execute("""
					UPDATE pg_task SET step = '{"Greeter":{"Step%d":null}}', tried = 0, delivery = 1,
					updated_at = statement_timestamp()""".formatted(step));
		}
		this.statement.execute("SELECT pg_stat_force_next_flush()");
		assertThat(query("SELECT pg_stat_get_tuples_hot_updated('pg_task'::regclass)")).containsExactly("10");
	}

	private void create(boolean sharedWithRust) {
		TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(this.schema), sharedWithRust);
	}

	private void listen() throws SQLException {
		this.statement.execute("LISTEN pg_task_changed");
		this.statement.execute("LISTEN pg_task_error");
	}

	/*
	 * PostgreSQL delivers a session's own notifications with the answer to the commit.
	 */
	private List<String> notificationsOf(String sql) throws SQLException {
		this.statement.execute(sql);
		List<String> notifications = new ArrayList<>();
		PGNotification[] received = this.connection.unwrap(PGConnection.class).getNotifications();
		if (received != null) {
			for (PGNotification notification : received) {
				notifications.add(notification.getName() + ":" + notification.getParameter());
			}
		}
		return notifications;
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
