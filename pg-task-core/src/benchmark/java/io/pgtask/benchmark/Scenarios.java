package io.pgtask.benchmark;

import java.util.List;
import java.util.Map;
import java.util.LinkedHashMap;

import io.pgtask.benchmark.contender.Workload;

/**
 * All scenarios by their names.
 */
final class Scenarios {

	/** The one whose rates are compared with the floor and the peers. */
	static final String ONE_STEP = "one-step";

	private static final Map<String, Scenario> ALL = new LinkedHashMap<>();

	static {
		DrainScenario oneStep = new DrainScenario(ONE_STEP, "tasks of one step that does nothing", Workload.ONE_STEP, 1,
				1);
		List.of(oneStep,
				new DrainScenario("two-processes", "tasks of one step that does nothing, in two worker processes",
						Workload.ONE_STEP, 2, 1),
				new DrainScenario("three-steps", "tasks of three steps that do nothing, each due at once",
						Workload.THREE_STEPS, 1, 0.5),
				new DrainScenario("ten-types", "ten types of tasks of one step that does nothing", Workload.TEN_TYPES,
						1, 1),
				new DrainScenario("slow-step", "tasks of one step that takes 5 ms", Workload.SLOW_STEP, 1, 0.02),
				new EnqueueScenario("enqueue-1", "enqueuing one by one on 1 connection, no worker", 1, false, 0.01),
				new EnqueueScenario("enqueue-32", "enqueuing one by one on 32 connections, no worker", 32, false, 0.03),
				new EnqueueScenario("enqueue-1-working",
						"enqueuing one by one on 1 connection, in a process that works", 1, true, 0.01),
				new EnqueueScenario("enqueue-32-working",
						"enqueuing one by one on 32 connections, in a process that works", 32, true, 0.03),
				new BulkScenario("enqueue-bulk", "enqueuing many in one call on 1 connection, no worker"),
				new LatencyScenario("latency-same-jvm",
						"start latency on an idle system, same process, from the return of the commit", 1),
				new LatencyScenario("latency-other-jvm",
						"start latency on an idle system, enqueued by another process, from the call to enqueue", 2),
				new HalfLoadScenario(oneStep), new FairnessScenario(), new PoisonScenario(), new GrowthScenario(),
				new BloatScenario(), new SteadyScenario(oneStep))
			.forEach((scenario) -> ALL.put(scenario.name(), scenario));
	}

	private Scenarios() {
	}

	static List<String> names() {
		return List.copyOf(ALL.keySet());
	}

	static Scenario of(String name) {
		Scenario scenario = ALL.get(name);
		if (scenario == null) {
			throw new IllegalArgumentException("There is no scenario '%s', only %s".formatted(name, names()));
		}
		return scenario;
	}

}
