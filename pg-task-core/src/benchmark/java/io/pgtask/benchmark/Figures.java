package io.pgtask.benchmark;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

import io.pgtask.benchmark.contender.Contenders;
import org.jspecify.annotations.Nullable;

/**
 * Looks up medians. What was not measured is {@code null}.
 */
final class Figures {

	private final List<ScenarioResult> results;

	Figures(List<ScenarioResult> results) {
		this.results = results;
	}

	/** Return a figure of pg-task. */
	@Nullable Double of(String scenario, Function<Measurement, @Nullable Double> value) {
		return of(scenario, Contenders.PG_TASK, value);
	}

	/** Return a figure of pg-task that only this scenario has. */
	@Nullable Double of(String scenario, String name) {
		return of(scenario, (median) -> median.figures().get(name));
	}

	@Nullable Double ofLatency(String scenario, Function<Latency, Double> value) {
		return of(scenario, (median) -> {
			Latency latency = median.latency();
			return (latency != null) ? value.apply(latency) : null;
		});
	}

	/** Return the rate of pg-task as a share of the floor's. */
	@Nullable Double ofFloor(String scenario) {
		Double own = of(scenario, Measurement::tasksPerSecond);
		Double floor = of(scenario, Contenders.FLOOR, Measurement::tasksPerSecond);
		return (own != null && floor != null) ? own / floor : null;
	}

	@Nullable Double of(String scenario, Contenders contender, Function<Measurement, @Nullable Double> value) {
		ScenarioResult result = resultOf(scenario, contender);
		Measurement median = (result != null) ? result.getMedian() : null;
		return (median != null) ? value.apply(median) : null;
	}

	/**
	 * Return the bytes of WAL per task of the run of pg-task that had the fewest: the WAL
	 * position is that of the whole server, and others, such as autovacuum, only add to
	 * it.
	 */
	@Nullable Double leastWal(String scenario) {
		ScenarioResult result = resultOf(scenario, Contenders.PG_TASK);
		OptionalDouble least = (result != null) ? result.runs().stream().mapToDouble(Measurement::walBytes).min()
				: OptionalDouble.empty();
		return least.isPresent() ? least.getAsDouble() : null;
	}

	private @Nullable ScenarioResult resultOf(String scenario, Contenders contender) {
		return this.results.stream()
			.filter((result) -> result.scenario().equals(scenario) && result.entrant().equals(contender.id()))
			.findFirst()
			.orElse(null);
	}

}
