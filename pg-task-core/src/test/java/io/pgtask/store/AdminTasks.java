package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskState;
import io.pgtask.test.TestDatabase;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tasks in every condition an operator finds them in, and what changes them.
 */
final class AdminTasks implements AutoCloseable {

	static final Instant LATER = Instant.parse("2999-01-02T03:04:05.123456Z");

	private final TestDatabase database;

	private final DataSource dataSource;

	private final JdbcTemplate jdbc;

	private final Wakeups wakeups;

	private final AtomicInteger woken = new AtomicInteger();

	private final JdbcTaskAdmin admin;

	AdminTasks(TestDatabase database) {
		this.database = database;
		this.dataSource = database.dataSource();
		this.jdbc = new JdbcTemplate(this.dataSource);
		this.wakeups = new Wakeups(this.dataSource);
		this.wakeups.localWorker(this.woken::incrementAndGet);
		this.admin = new JdbcTaskAdmin(this.dataSource, TaskTable.inSearchPath(), this.wakeups);
	}

	TestDatabase database() {
		return this.database;
	}

	DataSource dataSource() {
		return this.dataSource;
	}

	JdbcTemplate jdbc() {
		return this.jdbc;
	}

	Wakeups wakeups() {
		return this.wakeups;
	}

	/** How often an action has woken the worker of this JVM. */
	AtomicInteger woken() {
		return this.woken;
	}

	JdbcTaskAdmin admin() {
		return this.admin;
	}

	void assertUntouched(UUID id, Attempt attempt, ActionResult expected) {
		Map<String, Object> before = row(id);
		assertThat(attempt.act(id)).isEqualTo(expected);
		assertThat(row(id)).isEqualTo(before);
		assertThat(this.woken).hasValue(0);
	}

	Map<String, Object> row(UUID id) {
		return this.jdbc.queryForMap("SELECT *, xmin::text FROM pg_task WHERE id = ?", id);
	}

	UUID ready() {
		return insert("{\"T\":{\"S\":1}}", "wakeup_at", "now() - interval '1 min'");
	}

	UUID scheduled() {
		return insert("{\"T\":{\"S\":1}}", "wakeup_at", "now() + interval '1 day'");
	}

	UUID parked() {
		return insert("{\"T\":{\"S\":1}}", "error, last_error, parked_at, tried, delivery, wakeup_at",
				"'failed', 'failed', now(), 6, 8, now() - interval '1 day'");
	}

	/** A task whose worker is gone. */
	UUID abandoned() {
		return insert("{\"T\":{\"S\":1}}", "locked_by, lock_expires_at, delivery",
				"gen_random_uuid(), now() - interval '1 s', 1");
	}

	UUID leased(String error) {
		return insert("{\"T\":{\"S\":1}}", "locked_by, lock_expires_at, delivery, error",
				"gen_random_uuid(), now() + interval '1 min', 1, " + error);
	}

	UUID insert(String text, String columns, String values) {
		UUID id = TaskIds.shared().next();
		this.jdbc.update("INSERT INTO pg_task (id, step, " + columns + ") VALUES (?, ?, " + values + ")", id, text);
		return id;
	}

	UUID insertGreeter() {
		return insert("{\"Greeter\":{\"ReadName\":{\"filename\":\"name.txt\"}}}");
	}

	UUID insert(String text) {
		UUID id = TaskIds.shared().next();
		this.jdbc.update("INSERT INTO pg_task (id, step) VALUES (?, ?)", id, text);
		return id;
	}

	UUID insert(String text, TaskState state) {
		UUID id = insert(text);
		switch (state) {
			case READY -> {
			}
			case SCHEDULED ->
				this.jdbc.update("UPDATE pg_task SET wakeup_at = now() + interval '1 day' WHERE id = ?", id);
			case RUNNING -> this.jdbc.update("""
					UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 day'
					WHERE id = ?""", id);
			case HELD -> this.jdbc.update("UPDATE pg_task SET hold = 'reserved' WHERE id = ?", id);
			case ERRORED -> this.jdbc.update("UPDATE pg_task SET error = 'failed' WHERE id = ?", id);
		}
		return id;
	}

	Connection lock(UUID id) throws SQLException {
		Connection connection = this.database.openConnection();
		connection.setAutoCommit(false);
		execute(connection, "SELECT FROM pg_task WHERE id = '" + id + "' FOR UPDATE");
		return connection;
	}

	Instant timeOf(String column, UUID id) {
		return this.jdbc.query("SELECT " + column + " FROM pg_task WHERE id = ?", (rows) -> {
			rows.next();
			return rows.getObject(1, OffsetDateTime.class).toInstant();
		}, id);
	}

	Instant databaseTime() {
		return this.jdbc.query("SELECT clock_timestamp()", (rows) -> {
			rows.next();
			return rows.getObject(1, OffsetDateTime.class).toInstant();
		});
	}

	void execute(String sql) {
		try (Connection connection = this.database.openConnection()) {
			execute(connection, sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static void execute(Connection connection, String sql) {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.wakeups.close();
	}

	interface Attempt {

		ActionResult act(UUID id);

	}

}
