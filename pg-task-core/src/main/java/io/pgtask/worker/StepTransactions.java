package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;

import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.JoinedTransition;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/**
 * Starts the transactions of steps.
 */
final class StepTransactions {

	private final PlatformTransactionManager manager;

	private final JoinedTransition joined;

	/** Whether the default isolation level reads one snapshot; asked once. */
	private volatile @Nullable Boolean defaultReadsOneSnapshot;

	StepTransactions(PlatformTransactionManager manager, JoinedTransition joined) {
		this.manager = manager;
		this.joined = joined;
	}

	/**
	 * Start a transaction on this thread.
	 * @throws org.springframework.transaction.CannotCreateTransactionException if there
	 * is no connection to be had that can write
	 */
	StepTransaction begin(StepDefinition definition, TransactionSettings settings) {
		TransactionStatus status = this.manager.getTransaction(definition(definition, settings));
		StepTransaction transaction = new StepTransaction(this.manager, status);
		try {
			requireTableWithin();
			if (!settings.readOnly()) {
				requirePrimary();
			}
			transaction.watch();
			return transaction;
		}
		catch (RuntimeException ex) {
			transaction.rollbackAfter(ex);
			throw ex;
		}
	}

	/**
	 * Start a transaction, look, and end it.
	 * @return whether transactions of the manager can include the table
	 */
	boolean canIncludeTable() {
		TransactionStatus status = this.manager.getTransaction(TransactionDefinition.withDefaults());
		try {
			return this.joined.isPossible();
		}
		finally {
			this.manager.rollback(status);
		}
	}

	private void requireTableWithin() {
		if (!this.joined.isPossible()) {
			throw new IllegalStateException("The worker's transaction manager (" + this.manager.getClass().getName()
					+ ") does not make transactions on the DataSource of pg-task, so the step cannot be transactional");
		}
	}

	/** The step would fail for something that is none of its business. */
	private void requirePrimary() {
		try {
			if (this.joined.leaveReadOnlyServer()) {
				throw new CannotCreateTransactionException("The connection led to a server that refuses to write");
			}
		}
		catch (SQLException ex) {
			throw new CannotCreateTransactionException("The connection cannot be used", ex);
		}
	}

	/**
	 * Return whether the running transaction keeps reading the snapshot of its first
	 * statement.
	 */
	boolean readsOneSnapshot(TransactionSettings settings) throws SQLException {
		if (settings.isolation() != Isolation.DEFAULT) {
			return settings.isolation().value() >= TransactionDefinition.ISOLATION_REPEATABLE_READ;
		}
		Boolean known = this.defaultReadsOneSnapshot;
		if (known == null) {
			known = this.joined.readsOneSnapshot();
			this.defaultReadsOneSnapshot = known;
		}
		return known;
	}

	private static TransactionDefinition definition(StepDefinition step, TransactionSettings settings) {
		DefaultTransactionDefinition definition = new DefaultTransactionDefinition();
		definition.setName(step.taskType() + "." + step.step());
		definition.setIsolationLevel(settings.isolation().value());
		definition.setReadOnly(settings.readOnly());
		Duration timeout = settings.timeout();
		if (timeout != null) {
			definition.setTimeout((int) Math.min(Integer.MAX_VALUE, timeout.plusNanos(999_999_999).toSeconds()));
		}
		return definition;
	}

}
