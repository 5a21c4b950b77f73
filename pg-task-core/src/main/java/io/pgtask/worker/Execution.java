package io.pgtask.worker;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.pgtask.store.ClaimKey;
import io.pgtask.store.ClaimedTask;
import io.pgtask.store.Transition;
import org.jspecify.annotations.Nullable;

/**
 * A task that this worker holds, from its claim until its last transition is saved or its
 * lease is lost. With {@link io.pgtask.NextStep#now(Object) now} it goes through several
 * steps under the same claim.
 */
final class Execution {

	private final ClaimKey key;

	private final String taskType;

	private final Map<String, String> headers;

	private final @Nullable String hold;

	private final @Nullable Instant missedDeadline;

	private final long claimedNanos = System.nanoTime();

	private volatile String text;

	private volatile int tried;

	private volatile int delivery;

	private volatile Lease lease;

	private volatile long waitingSinceNanos = this.claimedNanos;

	private volatile boolean rowHeld;

	private volatile boolean cancelled;

	private volatile boolean cancelRequested;

	/** The answer to the checkpoint that the running step waits for. */
	private volatile @Nullable CompletableFuture<Void> answer;

	private Phase phase = Phase.WAITING;

	private @Nullable Thread thread;

	Execution(ClaimedTask task, Lease lease) {
		this.key = new ClaimKey(task.id(), task.token());
		this.taskType = task.taskType();
		this.headers = task.headers();
		this.hold = task.hold();
		this.missedDeadline = task.missedDeadline();
		this.cancelRequested = task.cancelRequested();
		this.text = task.text();
		this.tried = task.tried();
		this.delivery = task.delivery();
		this.lease = lease;
	}

	ClaimKey key() {
		return this.key;
	}

	UUID id() {
		return this.key.id();
	}

	UUID token() {
		return this.key.token();
	}

	String taskType() {
		return this.taskType;
	}

	String text() {
		return this.text;
	}

	Map<String, String> headers() {
		return this.headers;
	}

	/** Why the task must not run, as its row says, or {@code null} if it may. */
	@Nullable String hold() {
		return this.hold;
	}

	/** The deadline by which nobody had started the task, or {@code null}. */
	@Nullable Instant missedDeadline() {
		return this.missedDeadline;
	}

	/**
	 * Whether somebody has asked to cancel the task, so that it starts no step any more.
	 */
	boolean isCancelRequested() {
		return this.cancelRequested;
	}

	int tried() {
		return this.tried;
	}

	int delivery() {
		return this.delivery;
	}

	/** How many claims of this step ended without an outcome. */
	int lostDeliveries() {
		return this.delivery - 1 - this.tried;
	}

	long claimedNanos() {
		return this.claimedNanos;
	}

	long waitingSinceNanos() {
		return this.waitingSinceNanos;
	}

	Lease lease() {
		return this.rowHeld ? Lease.ENDLESS : this.lease;
	}

	/**
	 * The step's own transaction has locked the row. While it lasts nobody else can have
	 * the task, and nobody can renew its lease.
	 * @param rowHeld whether the row is locked
	 */
	void holdRow(boolean rowHeld) {
		this.rowHeld = rowHeld;
	}

	boolean isRowHeld() {
		return this.rowHeld;
	}

	void renew(Lease lease) {
		this.lease = lease;
	}

	boolean isCancelled() {
		return this.cancelled;
	}

	/**
	 * Take the execution from the waiting ones to run it on the current thread. One whose
	 * lease is over may have been run and finished by someone else, perhaps while this
	 * whole process stood still.
	 * @return whether it still was to be run
	 */
	synchronized boolean begin() {
		if (this.phase != Phase.WAITING || this.lease.isOver()) {
			return false;
		}
		this.phase = Phase.RUNNING;
		this.thread = Thread.currentThread();
		return true;
	}

	/**
	 * The step has returned; its outcome is to be saved.
	 * @return whether its outcome still counts
	 */
	synchronized boolean end() {
		this.thread = null;
		if (this.phase != Phase.RUNNING) {
			return false;
		}
		this.phase = Phase.SAVING;
		return true;
	}

	/**
	 * The outcome could not be saved, and there will be another one.
	 */
	synchronized void reopen() {
		if (this.phase == Phase.SAVING) {
			this.phase = Phase.RUNNING;
		}
	}

	/**
	 * The transition to the next step is durable; it may run.
	 * @param text the text of the next step
	 */
	synchronized void advance(String text) {
		this.text = text;
		this.tried = 0;
		this.delivery = 1;
		this.waitingSinceNanos = System.nanoTime();
		if (this.phase == Phase.SAVING) {
			this.phase = Phase.WAITING;
		}
	}

	CompletableFuture<Void> expectAnswer() {
		CompletableFuture<Void> expected = new CompletableFuture<>();
		this.answer = expected;
		return expected;
	}

	CompletableFuture<Void> answer() {
		return Objects.requireNonNull(this.answer, "Nobody waits for a checkpoint");
	}

	/**
	 * A checkpoint is durable, and the lease was extended with it.
	 * @param sentNanos when it was sent at the earliest
	 */
	synchronized void checkpointed(Transition.Checkpoint checkpoint, long sentNanos) {
		if (checkpoint.anew()) {
			this.tried = 0;
			this.delivery = 1;
		}
		this.lease = this.lease.extended(sentNanos, checkpoint.lease());
	}

	/**
	 * Take the execution from the waiting ones to give it back.
	 * @return whether it still waited
	 */
	synchronized boolean withdraw() {
		if (this.phase != Phase.WAITING) {
			return false;
		}
		this.phase = Phase.ENDED;
		return true;
	}

	/**
	 * The lease is gone, and nothing this execution does counts any more. A running step
	 * is interrupted. Whether an outcome that is being saved came in time, only the table
	 * knows.
	 * @return whether there was something to lose
	 */
	synchronized boolean loseLease() {
		if (this.phase != Phase.RUNNING && this.phase != Phase.WAITING) {
			return false;
		}
		this.phase = Phase.ENDED;
		interrupt();
		return true;
	}

	/**
	 * Ask the running step to stop; its outcome still counts.
	 */
	synchronized void interrupt() {
		this.cancelled = true;
		if (this.thread != null) {
			this.thread.interrupt();
		}
	}

	/**
	 * Somebody asks to cancel the task. A running step is interrupted once; its outcome
	 * still counts if it is the end of the task.
	 */
	synchronized void requestCancel() {
		if (!this.cancelRequested) {
			this.cancelRequested = true;
			interrupt();
		}
	}

	synchronized boolean isEnded() {
		return this.phase == Phase.ENDED;
	}

	synchronized boolean isRunning() {
		return this.phase == Phase.RUNNING;
	}

	synchronized boolean isWaiting() {
		return this.phase == Phase.WAITING;
	}

	synchronized void settle() {
		this.phase = Phase.ENDED;
	}

	private enum Phase {

		WAITING, RUNNING, SAVING, ENDED

	}

}
