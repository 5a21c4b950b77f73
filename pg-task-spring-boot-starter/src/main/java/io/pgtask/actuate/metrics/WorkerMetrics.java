package io.pgtask.actuate.metrics;

import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;

/**
 * Shows what this node's worker is doing.
 */
public final class WorkerMetrics implements MeterBinder {

	private final Worker worker;

	/**
	 * Create the metrics of a worker.
	 * @param worker the worker
	 */
	public WorkerMetrics(Worker worker) {
		this.worker = worker;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		gauge(registry, "pgtask.worker.up", "1 if the worker claims and runs tasks, 0 if it is stopped or paused", null,
				(worker) -> toDouble(worker.status().state() == WorkerStatus.State.RUNNING));
		gauge(registry, "pgtask.worker.listening",
				"1 if wake-ups arrive or none are wanted, 0 if the worker has lost its listening connection", null,
				(worker) -> toDouble(worker.status().listening()));
		gauge(registry, "pgtask.worker.present",
				"1 if other nodes notice within seconds if this worker dies, 0 if its tasks then wait for their leases",
				null, (worker) -> toDouble(worker.status().present()));
		gauge(registry, "pgtask.worker.running", "Steps that run", "steps", (worker) -> worker.status().running());
		gauge(registry, "pgtask.worker.waiting", "Claimed tasks that wait for a free slot", "tasks",
				(worker) -> worker.status().waiting());
		gauge(registry, "pgtask.worker.concurrency", "Steps that may run at once", "steps",
				(worker) -> worker.settings().concurrency());
		gauge(registry, "pgtask.worker.paused.types", "Task types of this node that are paused", "types",
				(worker) -> worker.status().pausedTypes().size());
	}

	private void gauge(MeterRegistry registry, String name, String description, @Nullable String unit,
			ToDoubleFunction<Worker> value) {
		Gauge.builder(name, this.worker, value).description(description).baseUnit(unit).register(registry);
	}

	private static double toDouble(boolean value) {
		return value ? 1.0 : 0.0;
	}

}
