package io.pgtask.worker;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the connections that transactional steps hold at once, so that they cannot use
 * up the pool: one connection is left to go round among all those who need a second one
 * while they hold the first.
 */
final class ConnectionGuard {

	/** Longer than this a step must not keep the slot from others. */
	private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

	private final int most;

	private final Semaphore free;

	/**
	 * Create a guard.
	 * @param most how many transactional steps may run at once, 1 or more
	 */
	ConnectionGuard(int most) {
		this.most = most;
		this.free = new Semaphore(most, true);
	}

	/**
	 * Wait for a turn.
	 * @return whether the step may run; then it has to {@link #leave()}
	 * @throws InterruptedException if the execution was cancelled meanwhile
	 */
	boolean enter() throws InterruptedException {
		return this.free.tryAcquire(LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
	}

	void leave() {
		this.free.release();
	}

	/**
	 * Return why {@link #enter()} refused.
	 * @return the reason
	 */
	String refusal() {
		return "the %d transactional steps that may run at once on this node all did so".formatted(this.most);
	}

}
