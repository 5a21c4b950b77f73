package io.pgtask.actuate.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskState;

/**
 * Shows how many tasks of each type are in each state, and how long the oldest ready one
 * has been due: the lag of the workers. All gauges are filled by one query, whatever
 * reads them and however often.
 */
public final class TaskMetrics implements MeterBinder, AutoCloseable {

	private static final double NANOS_PER_SECOND = 1e9;

	private final TaskCounts counts;

	/**
	 * Types are never forgotten, so that a gauge goes to zero instead of disappearing.
	 */
	private final Set<String> taskTypes = new ConcurrentSkipListSet<>();

	private final List<Gauges> gauges = new CopyOnWriteArrayList<>();

	/**
	 * Create the metrics of all tasks.
	 * @param admin counts the tasks
	 * @param interval how long to keep the counts
	 * @param taskTypes the task types that are shown even when there are no tasks of them
	 */
	public TaskMetrics(TaskAdmin admin, Duration interval, Collection<String> taskTypes) {
		this.counts = new TaskCounts(admin::counts, interval, this::counted);
		this.taskTypes.addAll(taskTypes);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		Gauges gauges = new Gauges(tasks(registry), oldest(registry));
		this.gauges.add(gauges);
		register(gauges);
		// Always there, so that reading it brings in the types that are not yet known.
		TimeGauge.builder("pgtask.tasks.count.age", this, TimeUnit.SECONDS, TaskMetrics::age)
			.description("Time since the tasks were last counted")
			.register(registry);
	}

	private static MultiGauge tasks(MeterRegistry registry) {
		return MultiGauge.builder("pgtask.tasks")
			.description("Tasks by type and state, counted up to 10,000")
			.baseUnit("tasks")
			.register(registry);
	}

	private static MultiGauge oldest(MeterRegistry registry) {
		return MultiGauge.builder("pgtask.tasks.oldest")
			.description("How long the oldest ready task has been due")
			.baseUnit("seconds")
			.register(registry);
	}

	private void counted(TaskCountSnapshot snapshot) {
		if (this.taskTypes.addAll(snapshot.taskTypes())) {
			this.gauges.forEach(this::register);
		}
	}

	private void register(Gauges gauges) {
		List<Row<?>> tasks = new ArrayList<>();
		List<Row<?>> oldest = new ArrayList<>();
		for (String taskType : this.taskTypes) {
			for (TaskState state : TaskState.values()) {
				Tags tags = Tags.of("type", taskType, "state", state.name().toLowerCase(Locale.ROOT));
				tasks.add(Row.of(tags, this, (metrics) -> metrics.read((counts) -> counts.count(taskType, state))));
			}
			oldest.add(Row.of(Tags.of("type", taskType), this,
					(metrics) -> metrics.read((counts) -> counts.oldestReady(taskType).toNanos() / NANOS_PER_SECOND)));
		}
		gauges.tasks.register(tasks);
		gauges.oldest.register(oldest);
	}

	private double age() {
		return read((counts) -> counts.age().toNanos() / NANOS_PER_SECOND);
	}

	private double read(ToDoubleFunction<TaskCountSnapshot> value) {
		TaskCountSnapshot current = this.counts.current();
		return (current != null) ? value.applyAsDouble(current) : Double.NaN;
	}

	@Override
	public void close() {
		this.counts.close();
	}

	/**
	 * The gauges of one registry.
	 */
	private record Gauges(MultiGauge tasks, MultiGauge oldest) {
	}

}
