package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import io.pgtask.test.TestDatabase;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * A session that listens as the worker of another node does.
 */
final class Listener implements AutoCloseable {

	private static final String MARK = "mark";

	private static final int PATIENCE_IN_MILLIS = 100;

	private final Connection connection;

	private final List<String> received = new ArrayList<>();

	Listener(TestDatabase database, String channel) throws SQLException {
		this.connection = database.openConnection();
		execute("LISTEN " + channel);
		execute("LISTEN " + MARK);
	}

	/**
	 * The payloads of everything that was committed before this call.
	 */
	List<String> received() throws SQLException {
		// Notifications are delivered in the order of their commits.
		execute("NOTIFY " + MARK);
		boolean marked = false;
		while (!marked) {
			for (PGNotification notification : this.connection.unwrap(PGConnection.class)
				.getNotifications(PATIENCE_IN_MILLIS)) {
				if (notification.getName().equals(MARK)) {
					marked = true;
				}
				else {
					this.received.add(notification.getParameter());
				}
			}
		}
		return this.received;
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

}
