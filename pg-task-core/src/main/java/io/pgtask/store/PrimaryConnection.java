package io.pgtask.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executor;

import javax.sql.DataSource;

import org.postgresql.PGConnection;

/**
 * Connections to a server that can be written to. When another server has become the
 * primary, the old one may still answer: its sessions live on, so that a pool keeps them
 * and hands them out again and again. A URL that names both servers leads to the new one
 * only when a connection is made anew, so those to the old one have to be cut.
 */
public final class PrimaryConnection {

	/** A URL that leads to no primary at all must not cause a storm of connections. */
	private static final int MOST_CUT = 3;

	private static final String READ_ONLY = "25006";

	private static final String ON = "on";

	/** The driver only aborts its own socket in the executor it is given. */
	private static final Executor SAME_THREAD = Runnable::run;

	private PrimaryConnection() {
	}

	/**
	 * Borrow a connection, and cut those of which it is known that they lead to a server
	 * which refuses to write.
	 * @param dataSource where to borrow
	 * @return a connection
	 * @throws SQLException if there is none, or all that come lead to such a server
	 */
	public static Connection borrow(DataSource dataSource) throws SQLException {
		SQLException failure = readOnly();
		for (int cut = 0; cut < MOST_CUT; cut++) {
			Connection connection = dataSource.getConnection();
			try {
				require(connection);
				return connection;
			}
			catch (SQLException ex) {
				cut(connection);
				failure = ex;
			}
		}
		throw failure;
	}

	/**
	 * Require that a connection does not lead to a server which refuses to write.
	 * @param connection a connection
	 * @throws SQLException if it does, or does not answer
	 */
	public static void require(Connection connection) throws SQLException {
		if (isReadOnly(connection)) {
			throw readOnly();
		}
	}

	/**
	 * Cut somebody's connection if it leads to a server which refuses to write. Whoever
	 * borrowed it gives it back.
	 * @param connection the connection
	 * @return whether it was cut
	 * @throws SQLException if it cannot be told where it leads
	 */
	static boolean leave(Connection connection) throws SQLException {
		boolean readOnly = isReadOnly(connection);
		if (readOnly) {
			abort(connection);
		}
		return readOnly;
	}

	/**
	 * Cut a connection and give it back, so that its pool replaces it.
	 * @param connection the connection
	 */
	public static void cut(Connection connection) {
		try (connection) {
			abort(connection);
		}
		catch (SQLException ignored) {
			// Its pool has thrown it away, which is what was wanted.
		}
	}

	/**
	 * Cut a connection, whoever waits for an answer. Whoever borrowed it gives it back.
	 * @param connection the connection
	 */
	static void abort(Connection connection) {
		try {
			connection.abort(SAME_THREAD);
		}
		catch (SQLException ignored) {
			// It is broken already, which is what was wanted.
		}
	}

	/**
	 * The server reports these settings, and whenever they change, so that it has to be
	 * asked only if they look bad: what stands between may report what was once.
	 */
	private static boolean isReadOnly(Connection connection) throws SQLException {
		if (!connection.isWrapperFor(PGConnection.class)) {
			return false;
		}
		PGConnection postgres = connection.unwrap(PGConnection.class);
		boolean suspect = ON.equals(postgres.getParameterStatus("in_hot_standby"))
				|| ON.equals(postgres.getParameterStatus("default_transaction_read_only"));
		return suspect && isTransactionReadOnly(connection);
	}

	private static boolean isTransactionReadOnly(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SHOW transaction_read_only")) {
			return row.next() && ON.equals(row.getString(1));
		}
	}

	private static SQLException readOnly() {
		return new SQLException("The server refuses to write: it is a standby, or is no longer the primary", READ_ONLY);
	}

}
