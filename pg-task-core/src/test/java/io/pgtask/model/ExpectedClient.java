package io.pgtask.model;

import java.util.UUID;

import io.pgtask.OnConflict;
import io.pgtask.TaskOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What enqueueing should do to the table.
 */
final class ExpectedClient {

	private final ExpectedTable table;

	ExpectedClient(ExpectedTable table) {
		this.table = table;
	}

	/**
	 * Return whether the key belongs to a reservation that a worker is about to end: who
	 * wants the key then has to wait for that worker.
	 */
	boolean hasToWait(Wish wish) {
		ExpectedTask existing = this.table.withKey(wish.kind(), wish.key());
		return existing != null && existing.reserved && existing.isLeased(this.table.now());
	}

	/**
	 * Enqueue or reserve a task.
	 * @return the id of the row that stands for it, or {@code null} if it is refused
	 */
	@Nullable UUID enqueue(UUID id, Wish wish) {
		long now = this.table.now();
		ExpectedTask existing = this.table.withKey(wish.kind(), wish.key());
		if (existing != null && givesWay(existing, wish)) {
			this.table.end(existing, TaskOutcome.LAPSED);
			existing = null;
		}
		if (existing == null) {
			this.table.add(new ExpectedTask(id, wish, now));
			return id;
		}
		if (wish.onConflict() == OnConflict.REPLACE && !existing.reserved && !existing.isLeased(now)) {
			existing.become(wish, now);
			return existing.id;
		}
		return (wish.onConflict() == OnConflict.KEEP) ? existing.id : null;
	}

	/** What was promised to run goes before what was not, and before what is over. */
	private boolean givesWay(ExpectedTask existing, Wish wish) {
		boolean promised = !wish.isReserved() && wish.onConflict() != OnConflict.REJECT;
		return existing.reserved && !existing.isLeased(this.table.now())
				&& (existing.due <= this.table.now() || promised);
	}

	/** Confirm a reservation. */
	boolean confirm(UUID id) {
		ExpectedTask task = this.table.find(id);
		if (task == null || !task.reserved || task.token != null || task.due <= this.table.now()) {
			return false;
		}
		task.due = Math.max(this.table.now(), (task.heldDue != null) ? task.heldDue : 0);
		task.reserved = false;
		task.heldDue = null;
		return true;
	}

}
