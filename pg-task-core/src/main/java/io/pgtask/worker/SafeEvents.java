package io.pgtask.worker;

import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the engine going when those who measure it fail.
 */
final class SafeEvents implements WorkerEvents {

	private static final Logger logger = LoggerFactory.getLogger(SafeEvents.class);

	private final WorkerEvents delegate;

	SafeEvents(WorkerEvents delegate) {
		this.delegate = delegate;
	}

	@Override
	public void claimed(int tasks) {
		safely(() -> this.delegate.claimed(tasks));
	}

	@Override
	public void finished(String taskType, String step, StepOutcome outcome, Duration duration) {
		safely(() -> this.delegate.finished(taskType, step, outcome, duration));
	}

	@Override
	public void renewed(int leases) {
		safely(() -> this.delegate.renewed(leases));
	}

	@Override
	public void leaseLost(String taskType, String step) {
		safely(() -> this.delegate.leaseLost(taskType, step));
	}

	@Override
	public void takenOver(int tasks) {
		safely(() -> this.delegate.takenOver(tasks));
	}

	@Override
	public void stuck(String taskType, String step) {
		safely(() -> this.delegate.stuck(taskType, step));
	}

	private static void safely(Runnable event) {
		try {
			event.run();
		}
		// An error of a metrics library must not end the engine, either.
		catch (Throwable ex) {
			logger.warn("A listener to the worker's events failed", ex);
		}
	}

}
