package io.pgtask.store;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Lets a worker start a task when the transaction that has inserted it is committed. What
 * else has happened to the row in that transaction, such as a rollback to a savepoint, is
 * left to the worker to find out.
 */
final class CommitStart implements TransactionSynchronization {

	private final CommitStarts.Key key;

	private final DirectRow row;

	private final DirectOffer offer;

	private boolean givenUp;

	private boolean ended;

	CommitStart(CommitStarts.Key key, DirectRow row, DirectOffer offer) {
		this.key = key;
		this.row = row;
		this.offer = offer;
	}

	DirectRow row() {
		return this.row;
	}

	/** Let the task be claimed like any other. */
	void giveUp() {
		if (!this.givenUp) {
			this.givenUp = true;
			this.offer.withdrawn();
		}
	}

	@Override
	public void suspend() {
		TransactionSynchronizationManager.unbindResource(this.key);
	}

	@Override
	public void resume() {
		TransactionSynchronizationManager.bindResource(this.key, this);
	}

	@Override
	public void afterCommit() {
		committed(true);
	}

	/**
	 * Without an {@code afterCommit} before it is uncertain when the row will be there,
	 * or whether: the commit may have failed on its way, or the task was enqueued in
	 * another synchronization's {@code afterCommit}, on a connection that is committed
	 * once more behind all of this.
	 */
	@Override
	public void afterCompletion(int status) {
		TransactionSynchronizationManager.unbindResourceIfPossible(this.key);
		if (status != STATUS_ROLLED_BACK) {
			committed(false);
		}
		else if (!this.givenUp) {
			this.offer.withdrawn();
		}
	}

	private void committed(boolean certain) {
		if (this.ended) {
			return;
		}
		this.ended = true;
		if (this.givenUp) {
			// Should its release have been rolled back, the row still has its lease.
			this.row.giveBack().run();
		}
		else {
			this.offer.unconfirmed(this.row, certain);
		}
	}

}
