package io.pgtask.actuate.metrics;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.pgtask.worker.StepOutcome;
import io.pgtask.worker.WorkerEvents;

/**
 * Counts and times what the worker does: claims, runs of steps, leases.
 */
public final class StepMetrics implements MeterBinder, WorkerEvents {

	private final List<Meters> meters = new CopyOnWriteArrayList<>();

	@Override
	public void bindTo(MeterRegistry registry) {
		this.meters.add(new Meters(registry));
	}

	@Override
	public void claimed(int tasks) {
		this.meters.forEach((meters) -> meters.claimed(tasks));
	}

	@Override
	public void finished(String taskType, String step, StepOutcome outcome, Duration duration) {
		this.meters.forEach((meters) -> meters.runs
			.withTags("type", tag(taskType), "step", tag(step), "outcome", outcome.name().toLowerCase(Locale.ROOT))
			.record(duration));
	}

	@Override
	public void renewed(int leases) {
		this.meters.forEach((meters) -> meters.renewed.increment(leases));
	}

	@Override
	public void leaseLost(String taskType, String step) {
		this.meters.forEach((meters) -> meters.lost.withTags("type", tag(taskType), "step", tag(step)).increment());
	}

	@Override
	public void takenOver(int tasks) {
		this.meters.forEach((meters) -> meters.freed.increment(tasks));
	}

	@Override
	public void stuck(String taskType, String step) {
		this.meters.forEach((meters) -> meters.stuck.withTags("type", tag(taskType), "step", tag(step)).increment());
	}

	/**
	 * A row that cannot be read has no step, and some monitoring systems no empty tags.
	 */
	private static String tag(String name) {
		return name.isEmpty() ? "none" : name;
	}

	/** The meters of one registry. */
	private static final class Meters {

		private final Meter.MeterProvider<Timer> runs;

		private final DistributionSummary claimSize;

		private final Counter emptyClaims;

		private final Counter claimed;

		private final Counter renewed;

		private final Counter freed;

		private final Meter.MeterProvider<Counter> lost;

		private final Meter.MeterProvider<Counter> stuck;

		Meters(MeterRegistry registry) {
			this.runs = Timer.builder("pgtask.runs")
				.description("Runs of steps by outcome, timed from the step's start to its return")
				.withRegistry(registry);
			this.claimSize = DistributionSummary.builder("pgtask.claims")
				.description("Claims that took tasks, by how many they took")
				.baseUnit("tasks")
				.register(registry);
			this.emptyClaims = Counter.builder("pgtask.claims.empty")
				.description("Claims that took nothing, because other nodes were faster")
				.register(registry);
			this.claimed = Counter.builder("pgtask.leases.claimed")
				.description("Leases taken by claims")
				.register(registry);
			this.renewed = Counter.builder("pgtask.leases.renewed")
				.description("Leases renewed because their tasks run long")
				.register(registry);
			this.freed = Counter.builder("pgtask.leases.freed")
				.description("Leases of dead workers ended by this node, so that their tasks run again at once")
				.register(registry);
			this.lost = Counter.builder("pgtask.leases.lost")
				.description("Leases lost before the outcome of the step was saved")
				.withRegistry(registry);
			this.stuck = Counter.builder("pgtask.runs.stuck")
				.description("Runs of steps that went on although their timeout was over and they were interrupted")
				.withRegistry(registry);
		}

		void claimed(int tasks) {
			if (tasks == 0) {
				this.emptyClaims.increment();
				return;
			}
			this.claimSize.record(tasks);
			this.claimed.increment(tasks);
		}

	}

}
