package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

import io.pgtask.test.TestDatabase;

/**
 * Somebody who locks rows of tasks in a transaction of his own.
 */
final class LockingSession implements AutoCloseable {

	private final Connection connection;

	LockingSession(TestDatabase database) throws SQLException {
		this.connection = database.openConnection();
		this.connection.setAutoCommit(false);
	}

	void lock(UUID id) throws SQLException {
		execute("SELECT FROM pg_task WHERE id = '" + id + "' FOR UPDATE");
	}

	void execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
	}

	void commit() throws SQLException {
		this.connection.commit();
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

}
