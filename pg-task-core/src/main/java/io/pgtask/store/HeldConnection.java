package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Executor;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * The connection that one part of the engine keeps for itself, so that an application
 * which has borrowed the whole pool cannot keep the engine from renewing leases and
 * saving transitions. It is borrowed when it is first needed, and replaced after an error
 * that may have broken it. Used by one thread, closed by any.
 */
public final class HeldConnection implements AutoCloseable {

	/** The driver only aborts its own socket in the executor it is given. */
	private static final Executor SAME_THREAD = Runnable::run;

	private static final Duration IDLE = Duration.ofSeconds(30);

	private static final String INTERNAL_ERROR = "XX000";

	private final DataSource dataSource;

	private final int networkTimeoutMillis;

	private volatile @Nullable Connection connection;

	private int borrowedNetworkTimeout;

	private boolean borrowedAutoCommit;

	private int borrowedIsolation;

	private volatile boolean closed;

	private volatile boolean working;

	private volatile long lastUsedNanos;

	/**
	 * Create a holder that has borrowed nothing yet.
	 * @param dataSource where to borrow
	 * @param networkTimeout after how long without an answer a statement fails
	 */
	public HeldConnection(DataSource dataSource, Duration networkTimeout) {
		this.dataSource = dataSource;
		this.networkTimeoutMillis = (int) Math.max(1, Math.min(Integer.MAX_VALUE, networkTimeout.toMillis()));
	}

	/**
	 * Borrow the connection if there is none, and use it if it has not been used for
	 * long, so that no firewall between here and the server forgets it.
	 * @throws SQLException if there is no connection to be had
	 */
	public void keepAlive() throws SQLException {
		if (this.connection == null || System.nanoTime() - this.lastUsedNanos > IDLE.toNanos()) {
			execute(HeldConnection::ping);
		}
	}

	/**
	 * Give the connection back until it is needed again. To be called by the thread that
	 * uses it.
	 */
	public void giveBack() {
		release();
	}

	/** An empty statement asks nothing of the server, but a dead connection shows. */
	private static boolean ping(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			return statement.execute("");
		}
	}

	/**
	 * Do work whose statements each commit by themselves. A server that was demoted goes
	 * on to answer questions, with what it knew when it was; its answers are not
	 * returned.
	 * @param <T> the type of the result
	 * @param work the work
	 * @return its result
	 * @throws SQLException if the work failed; the connection is replaced next time
	 */
	public <T> T execute(SqlWork<T> work) throws SQLException {
		return run((connection) -> {
			T result = work.execute(connection);
			PrimaryConnection.require(connection);
			return result;
		});
	}

	private <T> T run(SqlWork<T> work) throws SQLException {
		this.working = true;
		try {
			T result = work.execute(borrowed());
			this.lastUsedNanos = System.nanoTime();
			return result;
		}
		catch (SQLException ex) {
			releaseAfter(ex);
			throw ex;
		}
		// A driver, a wrapper around it, or a batch too large for the memory: no part
		// of the engine may end by it.
		catch (RuntimeException | Error ex) {
			release();
			throw new SQLException("The statement failed: " + ex, INTERNAL_ERROR, ex);
		}
		finally {
			this.working = false;
		}
	}

	/**
	 * Do work in a transaction of its own.
	 * @param <T> the type of the result
	 * @param work the work
	 * @return its result
	 * @throws SQLException if the work failed and nothing was saved, or if it is unknown
	 * whether the commit succeeded; the connection is replaced next time
	 */
	public <T> T executeInTransaction(SqlWork<T> work) throws SQLException {
		return run((connection) -> {
			connection.setAutoCommit(false);
			try {
				T result = work.execute(connection);
				connection.commit();
				return result;
			}
			// Before auto-commit is restored, which would commit what is half done.
			catch (SQLException | RuntimeException | Error ex) {
				rollbackAfter(connection, ex);
				throw ex;
			}
			finally {
				restoreAutoCommit(connection);
			}
		});
	}

	private Connection borrowed() throws SQLException {
		Connection current = this.connection;
		if (current != null) {
			return current;
		}
		requireOpen();
		Connection borrowed = borrow();
		this.connection = borrowed;
		this.borrowedAutoCommit = borrowed.getAutoCommit();
		this.borrowedNetworkTimeout = borrowed.getNetworkTimeout();
		// Before anything that asks the server, as the isolation does.
		borrowed.setNetworkTimeout(SAME_THREAD, this.networkTimeoutMillis);
		this.borrowedIsolation = borrowed.getTransactionIsolation();
		borrowed.setAutoCommit(true);
		requireReadCommitted(borrowed);
		requireOpen();
		return borrowed;
	}

	/**
	 * Under any other isolation, claims of workers that share a table would fail each
	 * other. It is set only where needed, because behind a transaction-pooling proxy that
	 * would stay with a session which is not ours.
	 */
	private void requireReadCommitted(Connection borrowed) throws SQLException {
		if (this.borrowedIsolation != Connection.TRANSACTION_READ_COMMITTED) {
			borrowed.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
		}
	}

	/** Asked twice, because a pool may take long to give a connection. */
	private void requireOpen() throws SQLException {
		if (this.closed) {
			throw new SQLException("The engine's connection was closed", "08003");
		}
	}

	private Connection borrow() throws SQLException {
		try {
			return PrimaryConnection.borrow(this.dataSource);
		}
		catch (RuntimeException ex) {
			// Data sources that route, or wait for something, throw what they like.
			throw new SQLTransientConnectionException("The data source failed: " + ex, ex);
		}
	}

	private void releaseAfter(SQLException failure) {
		Connection current = this.connection;
		if (current != null && Failures.isSessionOver(failure)) {
			this.connection = null;
			PrimaryConnection.cut(current);
		}
		else {
			release();
		}
	}

	private void release() {
		Connection current = this.connection;
		this.connection = null;
		if (current == null) {
			return;
		}
		try (current) {
			current.setNetworkTimeout(SAME_THREAD, this.borrowedNetworkTimeout);
			if (this.borrowedIsolation != Connection.TRANSACTION_READ_COMMITTED) {
				current.setTransactionIsolation(this.borrowedIsolation);
			}
			current.setAutoCommit(this.borrowedAutoCommit);
		}
		catch (SQLException ignored) {
			// A connection that cannot be restored is broken, and its pool will see that
			// too.
		}
	}

	private static void rollbackAfter(Connection connection, Throwable failure) {
		try {
			connection.rollback();
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
		}
	}

	private static void restoreAutoCommit(Connection connection) {
		try {
			connection.setAutoCommit(true);
		}
		catch (SQLException ignored) {
			// Only a broken connection refuses this, and the next statement will tell.
		}
	}

	/**
	 * Give the connection back. A statement of another thread that is under way fails: it
	 * may wait for a server that does not answer any more, and closing waits for it.
	 */
	@Override
	public void close() {
		this.closed = true;
		Connection current = this.connection;
		if (this.working && current != null) {
			PrimaryConnection.abort(current);
		}
		else {
			release();
		}
	}

	/**
	 * Work on a connection.
	 *
	 * @param <T> the type of the result
	 */
	@FunctionalInterface
	public interface SqlWork<T> {

		/**
		 * Do the work.
		 * @param connection the connection, to be left open
		 * @return the result
		 * @throws SQLException if the database refuses
		 */
		T execute(Connection connection) throws SQLException;

	}

}
