package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Puts rows into the table and looks at them.
 */
final class TaskRows {

	static final String TYPE = "Greeter";

	static final String STEP = """
			{"Greeter":{"ReadName":{"filename":"name.txt"}}}""";

	private final DataSource dataSource;

	private final JdbcClient jdbc;

	TaskRows(TestDatabase database) {
		this.dataSource = database.dataSource();
		this.jdbc = JdbcClient.create(this.dataSource);
	}

	/** Makes an empty table. */
	void reset() {
		TaskSchema.create(this.dataSource);
		execute("TRUNCATE pg_task, pg_task_history, pg_task_dead");
	}

	/** Inserts a task that is due and free. */
	UUID insert() {
		return this.jdbc.sql("INSERT INTO pg_task (step) VALUES (?) RETURNING id")
			.param(STEP)
			.query(UUID.class)
			.single();
	}

	/**
	 * Inserts a task.
	 * @param assignments what is different from one that is due and free
	 */
	UUID insert(String assignments) {
		UUID id = insert();
		update(id, assignments);
		return id;
	}

	/** Inserts a task with a lease that may have ended already. */
	UUID insertLeased(UUID owner, Duration lease) {
		UUID id = insert("tried = 1, delivery = 2, last_error = 'again'");
		this.jdbc.sql("""
				UPDATE pg_task SET locked_by = ?, lock_expires_at = statement_timestamp() + ? * interval '1 ms'
				WHERE id = ?
				""").params(owner, lease.toMillis(), id).update();
		return id;
	}

	void update(UUID id, String assignments) {
		this.jdbc.sql("UPDATE pg_task SET " + assignments + " WHERE id = ?").param(id).update();
	}

	void execute(String sql) {
		this.jdbc.sql(sql).update();
	}

	/** All columns of a row. */
	Map<String, Object> row(UUID id) {
		return this.jdbc.sql("SELECT * FROM pg_task WHERE id = ?").param(id).query().singleRow();
	}

	List<UUID> ids() {
		return this.jdbc.sql("SELECT id FROM pg_task ORDER BY id").query(UUID.class).list();
	}

	/** The first column of a query as text. */
	List<String> strings(String sql) {
		return this.jdbc.sql(sql).query(String.class).list();
	}

	/** Whether a condition holds for a row. */
	boolean matches(UUID id, String condition) {
		return this.jdbc.sql("SELECT count(*) FROM pg_task WHERE id = ? AND " + condition)
			.param(id)
			.query(Integer.class)
			.single() == 1;
	}

	/** Does something on a connection that commits every statement. */
	<T> T call(HeldConnection.SqlWork<T> work) throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			return work.execute(connection);
		}
	}

	/** Does something in a transaction. */
	<T> T callInTransaction(HeldConnection.SqlWork<T> work) throws SQLException {
		try (HeldConnection connection = new HeldConnection(this.dataSource, Duration.ofSeconds(10))) {
			return connection.executeInTransaction(work);
		}
	}

}
