package io.pgtask.store;

import java.util.HashSet;
import java.util.Set;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Wakes the workers once when the transaction that made work for them has been committed.
 * One for each transaction, however much work that makes.
 */
final class CommitWakeup implements TransactionSynchronization {

	private final Wakeups wakeups;

	/** Rolling back to one of these leaves some of the work in place. */
	private final Set<Object> savepointsBehindWork = new HashSet<>();

	private boolean needed;

	private CommitWakeup(Wakeups wakeups) {
		this.wakeups = wakeups;
	}

	/**
	 * Wake the workers now, or when the running Spring transaction is committed.
	 * @param wakeups wakes the workers
	 * @param committed whether they can see the work already
	 */
	static void request(Wakeups wakeups, boolean committed) {
		if (committed || !TransactionSynchronizationManager.isSynchronizationActive()) {
			wakeups.wake();
		}
		else {
			ofRunningTransaction(wakeups).needed = true;
		}
	}

	private static CommitWakeup ofRunningTransaction(Wakeups wakeups) {
		if (TransactionSynchronizationManager.getResource(wakeups) instanceof CommitWakeup existing) {
			return existing;
		}
		CommitWakeup created = new CommitWakeup(wakeups);
		TransactionSynchronizationManager.registerSynchronization(created);
		TransactionSynchronizationManager.bindResource(wakeups, created);
		return created;
	}

	@Override
	public void savepoint(Object savepoint) {
		if (this.needed) {
			this.savepointsBehindWork.add(savepoint);
		}
	}

	@Override
	public void savepointRollback(Object savepoint) {
		this.needed = this.savepointsBehindWork.contains(savepoint);
	}

	@Override
	public void suspend() {
		TransactionSynchronizationManager.unbindResource(this.wakeups);
	}

	@Override
	public void resume() {
		TransactionSynchronizationManager.bindResource(this.wakeups, this);
	}

	@Override
	public void afterCommit() {
		wake();
	}

	/**
	 * Work that was made in another synchronization's {@code afterCommit} comes late, and
	 * whether a commit succeeded may be unknown: a wake-up too many harms nobody.
	 */
	@Override
	public void afterCompletion(int status) {
		TransactionSynchronizationManager.unbindResourceIfPossible(this.wakeups);
		if (status != STATUS_ROLLED_BACK) {
			wake();
		}
	}

	private void wake() {
		if (this.needed) {
			this.needed = false;
			this.wakeups.wake();
		}
	}

}
