package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Executes a statement for a caller: on the connection of the running Spring transaction
 * if there is one, and otherwise in a transaction of its own, whatever the auto-commit
 * mode of the pool.
 */
final class CallerConnection {

	private final DataSource dataSource;

	private final JdbcTemplate jdbc;

	private final ConnectionWork<?> first;

	CallerConnection(DataSource dataSource) {
		this(dataSource, (connection) -> true);
	}

	/**
	 * Create one that prepares every connection.
	 * @param first is done before anything else
	 */
	CallerConnection(DataSource dataSource, ConnectionWork<?> first) {
		this.dataSource = dataSource;
		this.first = first;
		this.jdbc = new JdbcTemplate(dataSource);
	}

	/**
	 * Execute a statement whose effect is nobody's business.
	 * @param task what is being done, for the message of an exception
	 */
	<T> T execute(String task, String sql, StatementWork<T> work) {
		return execute(task, sql, work, (result, committed) -> {
		});
	}

	/**
	 * Execute a statement and tell whether its effect is durable.
	 * @param task what is being done, for the message of an exception
	 */
	<T> T execute(String task, String sql, StatementWork<T> work, Completion<T> completion) {
		return borrow(task, () -> sql, (connection, own) -> execute(connection, own, sql, work), completion);
	}

	/**
	 * Execute a statement that depends on whose transaction it becomes a part of.
	 * @param task what is being done, for the message of an exception
	 */
	<T> T execute(String task, CallerWrite<T> write) {
		return borrow(task, write::sql, (connection, own) -> {
			write.begin(scope(own));
			try {
				return execute(connection, own, write.sql(), write);
			}
			catch (SQLException | RuntimeException ex) {
				write.failed(ex);
				throw ex;
			}
		}, write);
	}

	/**
	 * Execute several statements in one transaction and tell whether their effect is
	 * durable.
	 * @param task what is being done, for the message of an exception
	 */
	<T> T executeInTransaction(String task, ConnectionWork<T> work, Completion<T> completion) {
		return borrow(task, () -> null, (connection, own) -> own ? alone(connection, work) : work.execute(connection),
				completion);
	}

	/** Prepare a statement that ends in time for the running transaction. */
	PreparedStatement prepare(Connection connection, String sql) throws SQLException {
		PreparedStatement statement = connection.prepareStatement(sql);
		try {
			DataSourceUtils.applyTransactionTimeout(statement, this.dataSource);
			return statement;
		}
		catch (SQLException | RuntimeException ex) {
			statement.close();
			throw ex;
		}
	}

	/**
	 * Execute a query with the {@link QuerySettings} for a large table.
	 * @param task what is being done, for the message of an exception
	 */
	<T> T query(String task, String sql, StatementWork<T> work) {
		return query(task, sql, work, (result, committed) -> {
		});
	}

	/**
	 * Execute a statement with the {@link QuerySettings} for a large table and tell
	 * whether its effect is durable.
	 * @param task what is being done, for the message of an exception
	 */
	<T> T query(String task, String sql, StatementWork<T> work, Completion<T> completion) {
		return borrow(task, () -> sql, (connection, own) -> own ? queryAlone(connection, sql, work)
				: queryInTransaction(connection, sql, work), completion);
	}

	private <T> T queryAlone(Connection connection, String sql, StatementWork<T> work) throws SQLException {
		return alone(connection, (alone) -> {
			QuerySettings.apply(alone);
			return execute(alone, sql, work);
		});
	}

	private static <T> T alone(Connection connection, ConnectionWork<T> work) throws SQLException {
		boolean autoCommit = connection.getAutoCommit();
		connection.setAutoCommit(false);
		try {
			return commitAfter(connection, work);
		}
		finally {
			restoreAutoCommit(connection, autoCommit);
		}
	}

	/** A failure needs no restoring: it undoes the settings with the transaction. */
	private <T> T queryInTransaction(Connection connection, String sql, StatementWork<T> work) throws SQLException {
		List<String> settings = QuerySettings.replace(connection);
		T result = execute(connection, sql, work);
		QuerySettings.restore(connection, settings);
		return result;
	}

	private <T> T borrow(String task, Sql sql, BorrowedWork<T> work, Completion<T> completion) {
		T result;
		boolean own;
		Connection connection = DataSourceUtils.getConnection(this.dataSource);
		try {
			this.first.execute(connection);
			own = isOnItsOwn(connection);
			result = work.execute(connection, own);
		}
		catch (SQLException ex) {
			// Released first: the translator may need a connection, maybe the only one.
			DataSourceUtils.releaseConnection(connection, this.dataSource);
			connection = null;
			throw translate(task, sql.text(), ex);
		}
		finally {
			DataSourceUtils.releaseConnection(connection, this.dataSource);
		}
		completion.executed(result, own);
		return result;
	}

	private <T> T execute(Connection connection, boolean own, String sql, StatementWork<T> work) throws SQLException {
		return (own && !connection.getAutoCommit()) ? commitAfter(connection, (same) -> execute(same, sql, work))
				: execute(connection, sql, work);
	}

	private <T> T execute(Connection connection, String sql, StatementWork<T> work) throws SQLException {
		try (PreparedStatement statement = prepare(connection, sql)) {
			return work.execute(statement);
		}
	}

	private static <T> T commitAfter(Connection connection, ConnectionWork<T> work) throws SQLException {
		try {
			T result = work.execute(connection);
			connection.commit();
			return result;
		}
		catch (SQLException | RuntimeException ex) {
			rollbackAfter(connection, ex);
			throw ex;
		}
	}

	/**
	 * Whether nobody else will commit. In auto-commit mode that is certain, also within a
	 * transaction that is not this data source's. Without it, a pool has handed out a
	 * connection that is to be committed by whoever uses it.
	 */
	private boolean isOnItsOwn(Connection connection) throws SQLException {
		if (connection.getAutoCommit()) {
			return true;
		}
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			return !TransactionSynchronizationManager.isActualTransactionActive();
		}
		return !DataSourceUtils.isConnectionTransactional(connection, this.dataSource);
	}

	private static CallerWrite.Scope scope(boolean own) {
		if (own == TransactionSynchronizationManager.isActualTransactionActive()) {
			return CallerWrite.Scope.OTHER;
		}
		return own ? CallerWrite.Scope.OWN : CallerWrite.Scope.CALLERS;
	}

	private static void rollbackAfter(Connection connection, Exception failure) {
		try {
			connection.rollback();
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
		}
	}

	private static void restoreAutoCommit(Connection connection, boolean autoCommit) {
		try {
			connection.setAutoCommit(autoCommit);
		}
		catch (SQLException ignored) {
			// Only a broken connection refuses this, and its pool will see that too.
		}
	}

	private DataAccessException translate(String task, @Nullable String sql, SQLException ex) {
		DataAccessException translated = this.jdbc.getExceptionTranslator().translate(task, sql, ex);
		return (translated != null) ? translated : new UncategorizedSQLException(task, sql, ex);
	}

	/** The statement that failed, for the message of an exception. */
	@FunctionalInterface
	private interface Sql {

		@Nullable String text();

	}

	/**
	 * What to do with the connection.
	 *
	 * @param <T> the type of the result
	 */
	@FunctionalInterface
	interface ConnectionWork<T> {

		T execute(Connection connection) throws SQLException;

	}

	/** What to do, with the knowledge whether nobody else will commit. */
	@FunctionalInterface
	private interface BorrowedWork<T> {

		T execute(Connection connection, boolean own) throws SQLException;

	}

	/**
	 * What to do with the prepared statement.
	 *
	 * @param <T> the type of the result
	 */
	@FunctionalInterface
	interface StatementWork<T> {

		T execute(PreparedStatement statement) throws SQLException;

	}

	/**
	 * Called when the statement has been executed and its connection given back.
	 *
	 * @param <T> the type of the result
	 */
	@FunctionalInterface
	interface Completion<T> {

		/**
		 * Go on.
		 * @param result the result of the statement
		 * @param committed whether its effect is durable already, or else depends on the
		 * running Spring transaction
		 */
		void executed(T result, boolean committed);

	}

}
