package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Saves transitions in the application's transaction that runs on the current thread, on
 * its connection. The fence is checked when the transition is written; from then on the
 * lock on the row keeps everybody else out until the transaction ends.
 */
public final class JoinedTransition {

	// The settings of the engine's statements must not slow down, or end, what the
	// application does after them: deferred constraints, and what an entity manager
	// writes at the commit. So they are put back.
	private static final LocalSettings SETTINGS = new LocalSettings("lock_timeout", "jit", "enable_seqscan",
			"enable_nestloop");

	// Whoever has locked the row is not waited for: nothing has been done yet.
	private static final String HOLD = """
			SELECT t.id
			FROM {table} t
			WHERE t.id = ? AND t.locked_by = ? AND t.lock_expires_at > statement_timestamp()
			FOR NO KEY UPDATE SKIP LOCKED
			""";

	// Only for a row that this transaction holds: nobody can have claimed it, even if its
	// lease ended meanwhile.
	private static final String RENEW_HELD = """
			UPDATE {table} t
			SET lock_expires_at = statement_timestamp() + ? * interval '1 microsecond'
			WHERE t.id = ? AND t.locked_by = ?
			RETURNING t.lock_expires_at
			""";

	private final DataSource dataSource;

	private final TransitionStatements statements;

	private final String hold;

	private final String renewHeld;

	/**
	 * Create it for a table.
	 * @param dataSource where the table is
	 * @param table the table
	 */
	public JoinedTransition(DataSource dataSource, TaskTable table) {
		this.dataSource = TargetDataSource.of(dataSource);
		this.statements = new TransitionStatements(table);
		this.hold = table.sql(HOLD);
		this.renewHeld = table.sql(RENEW_HELD);
	}

	/**
	 * Return whether a transaction of the table's data source runs on this thread.
	 * @return whether transitions can be saved in it
	 */
	public boolean isPossible() {
		return TransactionSynchronizationManager.isActualTransactionActive()
				&& TransactionSynchronizationManager.isSynchronizationActive() && holder() != null;
	}

	/**
	 * Leave a server that was demoted, to which pools keep their connections: the running
	 * transaction fails.
	 * @return whether its connection had to be cut
	 * @throws SQLException if the database does not answer
	 */
	public boolean leaveReadOnlyServer() throws SQLException {
		return withConnection(PrimaryConnection::leave);
	}

	/**
	 * Return whether the transaction keeps reading one snapshot, in which a renewal of
	 * the lease by somebody else is a conflict.
	 * @return whether its isolation level is {@code REPEATABLE READ} or higher
	 * @throws SQLException if the database does not answer
	 */
	public boolean readsOneSnapshot() throws SQLException {
		return withConnection(
				(connection) -> connection.getTransactionIsolation() >= Connection.TRANSACTION_REPEATABLE_READ);
	}

	/**
	 * Lock the row of a claim until the transaction ends.
	 * @param key the claim
	 * @return whether the claim holds and nobody else had locked the row
	 * @throws SQLException if the database refuses
	 */
	public boolean hold(ClaimKey key) throws SQLException {
		return withConnection((connection) -> {
			try (PreparedStatement statement = connection.prepareStatement(this.hold)) {
				statement.setObject(1, key.id());
				statement.setObject(2, key.token());
				try (ResultSet rows = statement.executeQuery()) {
					return rows.next();
				}
			}
		});
	}

	/**
	 * Renew the lease of a row that this transaction has locked by {@link #hold}.
	 * @param key the claim
	 * @param lease how long the lease lasts from now
	 * @return the end of the lease
	 * @throws SQLException if the database refuses
	 */
	public Instant renewHeld(ClaimKey key, Duration lease) throws SQLException {
		return withConnection((connection) -> {
			try (PreparedStatement statement = connection.prepareStatement(this.renewHeld)) {
				statement.setLong(1, DatabaseTimes.microseconds(lease));
				statement.setObject(2, key.id());
				statement.setObject(3, key.token());
				try (ResultSet row = statement.executeQuery()) {
					row.next();
					return row.getObject(1, OffsetDateTime.class).toInstant();
				}
			}
		});
	}

	/**
	 * Save a transition.
	 * @param transition the transition
	 * @param longestWait how long to wait for a row that somebody else has locked
	 * @return what became of it
	 * @throws SQLException if the database refuses
	 * @throws TransactionTimedOutException if the time of the transaction is over
	 */
	public Result save(Transition transition, Duration longestWait) throws SQLException {
		requireTimeLeft();
		return withConnection((connection) -> {
			List<String> before = SETTINGS.replace(connection, settings(longestWait));
			Set<ClaimKey> cancelled = new HashSet<>();
			boolean saved = !this.statements.save(connection, List.of(transition), cancelled::add).isEmpty();
			SETTINGS.set(connection, before);
			return !cancelled.isEmpty() ? Result.CANCELLED : saved ? Result.SAVED : Result.REFUSED;
		});
	}

	/** A step that ran no statement after the end of its time has not been told yet. */
	private void requireTimeLeft() {
		ConnectionHolder holder = holder();
		if (holder != null && holder.hasTimeout()) {
			holder.getTimeToLiveInMillis();
		}
	}

	private static List<String> settings(Duration longestWait) {
		return List.of(Math.max(1, Math.min(Integer.MAX_VALUE, longestWait.toMillis())) + "ms", "off", "off", "off");
	}

	private <T> T withConnection(HeldConnection.SqlWork<T> work) throws SQLException {
		Connection connection = DataSourceUtils.getConnection(this.dataSource);
		try {
			return work.execute(connection);
		}
		finally {
			DataSourceUtils.releaseConnection(connection, this.dataSource);
		}
	}

	private @Nullable ConnectionHolder holder() {
		return (ConnectionHolder) TransactionSynchronizationManager.getResource(this.dataSource);
	}

	/**
	 * What became of a transition.
	 */
	public enum Result {

		/** It is saved. */
		SAVED,

		/** The task was ended instead, because somebody asked for that. */
		CANCELLED,

		/** Its claim has lost its lease. */
		REFUSED

	}

}
