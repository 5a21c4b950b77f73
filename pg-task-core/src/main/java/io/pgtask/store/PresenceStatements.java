package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * How a worker shows that it lives: by an advisory lock that ends with its session,
 * however that ends. The lock is shared, so that a worker which has lost its connection
 * can show itself on another one while the server still believes in the first. Whether a
 * worker is present is read, and never found out by taking its lock.
 */
public final class PresenceStatements {

	/** The channel on which whoever looks for dead workers is heard by the others. */
	public static final String CHANNEL = "pg_task_presence";

	/** The first half of the advisory lock; the second one is the worker. */
	private static final String LOCK_CLASS = Integer.toString(0x70675f70);

	/** The locks of all workers, or of one if its key is a condition besides. */
	static final String PRESENT = """
			FROM pg_locks l
			WHERE l.locktype = 'advisory' AND l.classid = {class} AND l.objsubid = 2 AND l.granted
				AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())"""
		.replace("{class}", LOCK_CLASS);

	// A proxy that shares sessions gives its clients a process id of its own invention.
	// The lock would stay with whatever session the statement happened to be run in.
	private static final String ANNOUNCE = """
			SELECT CASE WHEN pg_backend_pid() = ? THEN pg_try_advisory_lock_shared({class}, ?) ELSE false END,
				to_regclass(?)::oid::bigint
			""".replace("{class}", LOCK_CLASS);

	private static final String WITHDRAW = """
			SELECT pg_advisory_unlock_shared({class}, ?)
			""".replace("{class}", LOCK_CLASS);

	// Nothing of this transaction has to be kept by the disk.
	private static final String TELL_AND_LOOK = Planning.with(
			Planning.WITHOUT_WAITING + ", " + NotificationQueue.tell(CHANNEL, "?"),
			"SELECT l.objid::bigint " + PRESENT);

	private final String tableName;

	/**
	 * Create the statements for the workers of a table.
	 * @param table the table
	 */
	public PresenceStatements(TaskTable table) {
		this.tableName = table.name();
	}

	/**
	 * Show that a worker lives, for as long as a session lasts.
	 * @param connection the connection, which commits every statement
	 * @param presenceKey the key of the worker
	 * @return the number the server knows the table by, or {@code null} if the worker
	 * does not show, because the connection leads to no session of its own
	 * @throws SQLException if the database refuses
	 */
	public @Nullable Long announce(Connection connection, int presenceKey) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(ANNOUNCE)) {
			statement.setInt(1, connection.unwrap(PGConnection.class).getBackendPID());
			statement.setInt(2, presenceKey);
			statement.setString(3, this.tableName);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getBoolean(1) ? row.getLong(2) : null;
			}
		}
	}

	/**
	 * Show no longer that a worker lives, in a session that goes on.
	 * @param connection the connection on which it was announced
	 * @param presenceKey the key of the worker
	 * @throws SQLException if the database refuses
	 */
	public void withdraw(Connection connection, int presenceKey) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(WITHDRAW)) {
			statement.setInt(1, presenceKey);
			statement.execute();
		}
	}

	/**
	 * Look who is present, and tell the others that somebody has looked.
	 * @param connection a connection that commits every statement
	 * @param payload what to tell them
	 * @return the keys of all workers of the database that are present
	 * @throws SQLException if the database refuses
	 */
	public Set<Integer> tellAndLook(Connection connection, String payload) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(TELL_AND_LOOK)) {
			statement.setString(1, payload);
			try (ResultSet rows = Planning.query(statement)) {
				Set<Integer> present = new HashSet<>();
				while (rows.next()) {
					present.add((int) rows.getLong(1));
				}
				return present;
			}
		}
	}

}
