package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The one task of the running Spring transaction that a worker starts directly once it is
 * committed, for a table.
 */
final class CommitStarts {

	// Nobody else sees the row, so that its lease need not be checked.
	private static final String RELEASE = """
			UPDATE {table} t
			SET locked_by = NULL, lock_expires_at = NULL, delivery = 0
			WHERE t.id = ? AND t.locked_by = ?
			""";

	private final Key key;

	private final String release;

	CommitStarts(DataSource dataSource, TaskTable table) {
		this.key = new Key(TargetDataSource.of(dataSource), table);
		this.release = table.sql(RELEASE);
	}

	/** Whether the running transaction has its task already. */
	boolean isTaken() {
		return TransactionSynchronizationManager.hasResource(this.key);
	}

	/** Start a task when the running transaction is committed. */
	void startAfterCommit(DirectRow row, DirectOffer offer) {
		CommitStart start = new CommitStart(this.key, row, offer);
		TransactionSynchronizationManager.registerSynchronization(start);
		TransactionSynchronizationManager.bindResource(this.key, start);
	}

	/**
	 * Let the task be like any other, so that it can be operated on in the transaction
	 * that has inserted it.
	 * @return whether there was one
	 */
	boolean release(Connection connection) throws SQLException {
		if (!(TransactionSynchronizationManager.getResource(this.key) instanceof CommitStart start)
				|| connection.getAutoCommit()) {
			return false;
		}
		start.giveUp();
		try (PreparedStatement statement = connection.prepareStatement(this.release)) {
			statement.setObject(1, start.row().id());
			statement.setObject(2, start.row().token());
			return statement.executeUpdate() > 0;
		}
	}

	/**
	 * What the task is bound to its transaction by.
	 */
	record Key(DataSource dataSource, TaskTable table) {

	}

}
