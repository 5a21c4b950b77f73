package io.pgtask.worker;

import java.sql.SQLException;

import io.pgtask.store.Failures;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The running transaction of a step, and how it really ended.
 */
final class StepTransaction {

	private static final Logger logger = LoggerFactory.getLogger(StepTransaction.class);

	private final PlatformTransactionManager manager;

	private final TransactionStatus status;

	private int completion = TransactionSynchronization.STATUS_UNKNOWN;

	StepTransaction(PlatformTransactionManager manager, TransactionStatus status) {
		this.manager = manager;
		this.status = status;
	}

	/** Learn how the transaction ends, whatever the manager throws then. */
	void watch() {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCompletion(int completion) {
				StepTransaction.this.completion = completion;
			}

		});
	}

	/**
	 * Commit.
	 * @return {@code false} if it is unknown whether the commit succeeded
	 * @throws RuntimeException if the transaction was rolled back
	 */
	boolean commit() {
		try {
			this.manager.commit(this.status);
			return true;
		}
		catch (RuntimeException | Error ex) {
			if (this.completion == TransactionSynchronization.STATUS_COMMITTED) {
				logger.warn("The transaction was committed, but what was to be done after it failed", ex);
				return true;
			}
			if (this.completion == TransactionSynchronization.STATUS_ROLLED_BACK || isRefusal(ex)) {
				throw ex;
			}
			logger.debug("It is unknown whether the commit succeeded", ex);
			return false;
		}
	}

	/**
	 * Whether the transaction was refused, by the server or before it was even asked. It
	 * was not if the connection broke.
	 */
	private static boolean isRefusal(Throwable failure) {
		@Nullable Throwable cause = failure;
		while (cause != null) {
			if (cause instanceof SQLException ex) {
				return Failures.isRefusedCommit(ex);
			}
			cause = (cause.getCause() != cause) ? cause.getCause() : null;
		}
		return true;
	}

	/** Roll back; if even that fails, the connection is broken and the server does it. */
	void rollback() {
		try {
			this.manager.rollback(this.status);
		}
		catch (RuntimeException ex) {
			logger.debug("The rollback failed", ex);
		}
	}

	/** Roll back because of a failure. */
	void rollbackAfter(Throwable failure) {
		try {
			this.manager.rollback(this.status);
		}
		catch (RuntimeException ex) {
			failure.addSuppressed(ex);
		}
	}

}
