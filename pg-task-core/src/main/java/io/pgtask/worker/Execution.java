package io.pgtask.worker;

import java.time.Duration;
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

	private final ClaimedTask task;

	private final ClaimKey key;

	private final long claimedNanos = System.nanoTime();

	private volatile StepProgress progress;

	private volatile Lease lease;

	private volatile long waitingSinceNanos = this.claimedNanos;

	private volatile boolean rowHeld;

	private volatile boolean cancelled;

	private volatile boolean cancelRequested;

	/** Of the step that runs. */
	private final AttemptClock clock = new AttemptClock(this);

	private volatile boolean abandoned;

	/** The answer to the checkpoint that the running step waits for. */
	private volatile @Nullable CompletableFuture<Void> answer;

	private Phase phase = Phase.WAITING;

	private @Nullable Thread thread;

	Execution(ClaimedTask task, Lease lease) {
		this.task = task;
		this.key = new ClaimKey(task.id(), task.token());
		this.cancelRequested = task.cancelRequested();
		this.progress = StepProgress.of(task);
		this.lease = lease;
	}

	/** Return the row as it was claimed; since then its step may have changed. */
	ClaimedTask task() {
		return this.task;
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
		return this.task.taskType();
	}

	StepProgress progress() {
		return this.progress;
	}

	/** Whether somebody asked to cancel the task: it starts no step any more. */
	boolean isCancelRequested() {
		return this.cancelRequested;
	}

	int tried() {
		return this.progress.tried();
	}

	int delivery() {
		return this.progress.delivery();
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
	 * While the step's own transaction has locked the row, nobody else can have the task,
	 * and nobody can renew its lease.
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

	/** The outcome could not be saved, and there will be another one. */
	synchronized void reopen() {
		if (this.phase == Phase.SAVING) {
			this.phase = Phase.RUNNING;
		}
	}

	/** The transition to the next step is durable; it may run. */
	synchronized void advance(String text) {
		this.progress = StepProgress.begin(text);
		this.waitingSinceNanos = System.nanoTime();
		if (this.phase == Phase.SAVING) {
			this.phase = Phase.WAITING;
		}
	}

	AttemptClock clock() {
		return this.clock;
	}

	/**
	 * Interrupt the step if its time is over.
	 * @return whether it was interrupted now
	 */
	synchronized boolean timeOut() {
		Thread running = this.thread;
		if (this.phase != Phase.RUNNING || running == null || !this.clock.expire()) {
			return false;
		}
		running.interrupt();
		return true;
	}

	/**
	 * Go on without the step if it has ignored its interruption for too long: whatever it
	 * does does not count any more, and its outcome is another's to tell.
	 * @param grace how long it may go on
	 * @return the thread that still runs it, or {@code null} if there is no reason to
	 */
	synchronized @Nullable Thread abandon(Duration grace) {
		if (this.phase != Phase.RUNNING || !this.clock.isOverdue(grace)) {
			return null;
		}
		this.phase = Phase.ENDED;
		this.abandoned = true;
		return this.thread;
	}

	boolean isAbandoned() {
		return this.abandoned;
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
			this.progress = StepProgress.begin(this.progress.text());
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

	/** Ask the running step to stop; its outcome still counts. */
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
			this.clock.cancel();
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
