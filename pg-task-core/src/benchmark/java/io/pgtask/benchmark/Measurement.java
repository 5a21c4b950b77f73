package io.pgtask.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * What one run, or the median of several, has given. What could not be measured is
 * {@code null}.
 *
 * @param tasks how many tasks there were
 * @param tasksPerSecond how many were drained or enqueued per second, or how many came in
 * where latency is measured
 * @param latency how long they waited for their start
 * @param walBytes WAL per task, in bytes
 * @param fullPageImages of it, full page images, per task
 * @param commits committed transactions per task, those that only read included
 * @param statements statements per task, those that begin and end transactions included
 * @param jvmMicros processor time of all processes of the contender, in microseconds per
 * task
 * @param serverMicros processor time of the server, in microseconds per task
 * @param repeated how many tasks ran more than once
 * @param figures what else a scenario has found out, by name
 */
record Measurement(double tasks, double tasksPerSecond, @Nullable Latency latency, double walBytes,
		double fullPageImages, double commits, @Nullable Double statements, @Nullable Double jvmMicros,
		@Nullable Double serverMicros, double repeated, Map<String, Double> figures) {

	static Measurement median(List<Measurement> runs) {
		List<Latency> latencies = runs.stream().map(Measurement::latency).filter(Objects::nonNull).toList();
		return new Measurement(required(runs, Measurement::tasks), required(runs, Measurement::tasksPerSecond),
				latencies.isEmpty() ? null : Latency.median(latencies), required(runs, Measurement::walBytes),
				required(runs, Measurement::fullPageImages), required(runs, Measurement::commits),
				optional(runs, Measurement::statements), optional(runs, Measurement::jvmMicros),
				optional(runs, Measurement::serverMicros), required(runs, Measurement::repeated), figures(runs));
	}

	private static Map<String, Double> figures(List<Measurement> runs) {
		Map<String, Double> medians = new LinkedHashMap<>();
		for (String name : runs.get(0).figures().keySet()) {
			medians.put(name, Medians.of(runs.stream().mapToDouble((run) -> run.figures().getOrDefault(name, 0.0))));
		}
		return medians;
	}

	/** Return the same with what else was found out. */
	Measurement withFigures(Map<String, Double> figures) {
		return new Measurement(this.tasks, this.tasksPerSecond, this.latency, this.walBytes, this.fullPageImages,
				this.commits, this.statements, this.jvmMicros, this.serverMicros, this.repeated, figures);
	}

	private static double required(List<Measurement> runs, Function<Measurement, Double> value) {
		return Medians.of(runs.stream().mapToDouble(value::apply));
	}

	private static @Nullable Double optional(List<Measurement> runs, Function<Measurement, @Nullable Double> value) {
		List<Double> values = runs.stream().map(value).filter(Objects::nonNull).toList();
		return values.isEmpty() ? null : Medians.of(values.stream().mapToDouble(Double::doubleValue));
	}

}
