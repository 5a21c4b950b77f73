package io.pgtask.worker;

import java.time.Duration;

import io.pgtask.registry.StepDefinition;
import org.jspecify.annotations.Nullable;

/**
 * How much of its time an attempt has left. Guarded by its {@link Execution}, so that no
 * interruption reaches the thread when the step has returned.
 */
final class AttemptClock {

	/** Keeps the arithmetic in nanoseconds inside a {@code long}. */
	private static final Duration LONGEST = Duration.ofDays(36500);

	private final Object execution;

	private boolean running;

	private long endNanos;

	private @Nullable StepDefinition step;

	private volatile boolean timedOut;

	AttemptClock(Object execution) {
		this.execution = execution;
	}

	/** The step is called, and has so much time. */
	void start(StepDefinition step, Duration timeout) {
		synchronized (this.execution) {
			this.step = step;
			this.running = true;
			this.timedOut = false;
			this.endNanos = System.nanoTime() + ((timeout.compareTo(LONGEST) < 0) ? timeout : LONGEST).toNanos();
		}
	}

	/**
	 * The step has returned.
	 * @return whether its time was over before
	 */
	boolean stop() {
		synchronized (this.execution) {
			this.running = false;
			return this.timedOut;
		}
	}

	/**
	 * Look at the clock.
	 * @return whether the time is over and was not before
	 */
	boolean expire() {
		synchronized (this.execution) {
			if (!this.running || this.timedOut || System.nanoTime() - this.endNanos < 0) {
				return false;
			}
			this.timedOut = true;
			return true;
		}
	}

	boolean isOverdue(Duration grace) {
		synchronized (this.execution) {
			return this.running && this.timedOut && System.nanoTime() - this.endNanos >= grace.toNanos();
		}
	}

	/** The time of the attempt is over, or was for the one before. */
	boolean isTimedOut() {
		return this.timedOut;
	}

	/**
	 * Return the step whose time is measured.
	 * @return the latest step with a timeout, or {@code null} if there was none
	 */
	@Nullable StepDefinition step() {
		synchronized (this.execution) {
			return this.step;
		}
	}

}
