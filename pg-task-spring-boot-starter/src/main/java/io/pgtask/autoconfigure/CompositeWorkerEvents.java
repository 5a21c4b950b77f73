package io.pgtask.autoconfigure;

import java.time.Duration;
import java.util.List;

import io.pgtask.worker.StepOutcome;
import io.pgtask.worker.WorkerEvents;

/**
 * Tells several listeners what the worker does.
 */
final class CompositeWorkerEvents implements WorkerEvents {

	private final List<WorkerEvents> delegates;

	CompositeWorkerEvents(List<WorkerEvents> delegates) {
		this.delegates = List.copyOf(delegates);
	}

	@Override
	public void claimed(int tasks) {
		this.delegates.forEach((delegate) -> delegate.claimed(tasks));
	}

	@Override
	public void finished(String taskType, String step, StepOutcome outcome, Duration duration) {
		this.delegates.forEach((delegate) -> delegate.finished(taskType, step, outcome, duration));
	}

	@Override
	public void renewed(int leases) {
		this.delegates.forEach((delegate) -> delegate.renewed(leases));
	}

	@Override
	public void leaseLost(String taskType, String step) {
		this.delegates.forEach((delegate) -> delegate.leaseLost(taskType, step));
	}

	@Override
	public void takenOver(int tasks) {
		this.delegates.forEach((delegate) -> delegate.takenOver(tasks));
	}

	@Override
	public void stuck(String taskType, String step) {
		this.delegates.forEach((delegate) -> delegate.stuck(taskType, step));
	}

}
