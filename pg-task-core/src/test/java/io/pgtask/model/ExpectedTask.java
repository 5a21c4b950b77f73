package io.pgtask.model;

import java.util.UUID;

import io.pgtask.store.ClaimedTask;
import org.jspecify.annotations.Nullable;

/**
 * What the row of a task should be. Times are in hours since the beginning.
 */
final class ExpectedTask {

	final UUID id;

	final TaskKind kind;

	final @Nullable String key;

	int at;

	long due;

	int tried;

	int delivery;

	int priority;

	boolean errored;

	/** A worker has parked it; whoever claims it next counts anew. */
	boolean parked;

	boolean failedBefore;

	int failures;

	int postponed;

	boolean cancelRequested;

	@Nullable Long deadline;

	boolean reserved;

	@Nullable Long heldDue;

	/** Of the latest claim, if that was not ended by whoever made it. */
	@Nullable UUID token;

	long leaseEnd;

	ExpectedTask(UUID id, Wish wish, long now) {
		this.id = id;
		this.kind = wish.kind();
		this.key = wish.key();
		become(wish, now);
		if (wish.isReserved()) {
			this.reserved = true;
			this.heldDue = this.due;
			this.due = now + wish.reservedFor();
		}
	}

	/** Be as if it had just been enqueued. */
	void become(Wish wish, long now) {
		this.at = wish.at();
		this.priority = wish.priority();
		this.due = now + wish.delay();
		this.deadline = (wish.deadline() > 0) ? now + wish.deadline() : null;
		restart();
		forgetFailures();
	}

	/** Begin the step anew, at nobody's hands. */
	void restart() {
		this.errored = false;
		this.parked = false;
		this.tried = 0;
		this.delivery = 0;
		this.postponed = 0;
		this.cancelRequested = false;
		this.token = null;
	}

	void forgetFailures() {
		this.failedBefore = false;
		this.failures = 0;
	}

	boolean isLeased(long now) {
		return this.token != null && this.leaseEnd > now;
	}

	/** Whether its time has come for whoever looks for such tasks. */
	boolean isDue(long now) {
		return !this.errored && this.due <= now && !isLeased(now);
	}

	void claim(UUID token, long leaseEnd) {
		if (this.parked) {
			this.tried = 0;
			this.delivery = 0;
			this.postponed = 0;
			this.cancelRequested = false;
			this.parked = false;
		}
		this.delivery++;
		this.token = token;
		this.leaseEnd = leaseEnd;
	}

	/** Whether it must not be started any more, because nobody has done so in time. */
	boolean hasExpired(long now) {
		return this.deadline != null && this.deadline <= now && this.delivery == 1 && this.tried == 0;
	}

	Row row(long now) {
		boolean claimed = this.token != null;
		return new Row(this.id, this.kind.text(this.at), this.tried, this.delivery, this.priority, this.errored,
				this.failedBefore, this.failures, this.postponed, this.parked, this.cancelRequested,
				this.reserved ? ClaimedTask.RESERVED : null, this.key, this.token, this.due - now,
				claimed ? this.leaseEnd - now : null, (this.deadline != null) ? this.deadline - now : null,
				(this.heldDue != null) ? this.heldDue - now : null);
	}

}
