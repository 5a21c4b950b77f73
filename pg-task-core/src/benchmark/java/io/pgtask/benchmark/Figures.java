package io.pgtask.benchmark;

import java.util.List;
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
		for (ScenarioResult result : this.results) {
			Measurement median = result.getMedian();
			if (median != null && result.scenario().equals(scenario) && result.entrant().equals(contender.id())) {
				return value.apply(median);
			}
		}
		return null;
	}

}
