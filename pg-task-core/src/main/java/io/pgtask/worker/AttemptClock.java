package io.pgtask.worker;

import java.time.Duration;

import io.pgtask.registry.StepDefinition;
import org.jspecify.annotations.Nullable;

/**
 * How much of its time an attempt has left, and how long ago somebody asked to cancel its
 * task. Guarded by its {@link Execution}, so that no interruption reaches the thread when
 * the step has returned.
 */
final class AttemptClock {

	/** Keeps the arithmetic in nanoseconds inside a {@code long}. */
	private static final Duration LONGEST = Duration.ofDays(36500);

	private final Object execution;

	private boolean running;

	private boolean limited;

	private long endNanos;

	private boolean cancelled;

	private long cancelledNanos;

	private @Nullable StepDefinition step;

	private volatile boolean timedOut;

	AttemptClock(Object execution) {
		this.execution = execution;
	}

	/** The step is called, and has so much time, or any. */
	void start(StepDefinition step, @Nullable Duration timeout) {
		synchronized (this.execution) {
			this.step = step;
			this.running = true;
			this.timedOut = false;
			this.limited = timeout != null;
			if (timeout != null) {
				this.endNanos = System.nanoTime() + ((timeout.compareTo(LONGEST) < 0) ? timeout : LONGEST).toNanos();
			}
		}
	}

	/** The step was interrupted, because somebody asked to cancel its task. */
	void cancel() {
		synchronized (this.execution) {
			this.cancelled = true;
			this.cancelledNanos = System.nanoTime();
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
			if (!this.running || !this.limited || this.timedOut || System.nanoTime() - this.endNanos < 0) {
				return false;
			}
			this.timedOut = true;
			return true;
		}
	}

	/** Whether the step has ignored for so long that it was interrupted. */
	boolean isOverdue(Duration grace) {
		synchronized (this.execution) {
			long now = System.nanoTime();
			return this.running && ((this.timedOut && now - this.endNanos >= grace.toNanos())
					|| (this.cancelled && now - this.cancelledNanos >= grace.toNanos()));
		}
	}

	/** The time of the attempt is over, or was for the one before. */
	boolean isTimedOut() {
		return this.timedOut;
	}

	/**
	 * Return the step whose time is measured.
	 * @return the latest step, or {@code null} if there was none
	 */
	@Nullable StepDefinition step() {
		synchronized (this.execution) {
			return this.step;
		}
	}

}
