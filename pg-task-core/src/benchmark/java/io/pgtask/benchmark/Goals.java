package io.pgtask.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.pgtask.benchmark.contender.Contenders;
import org.jspecify.annotations.Nullable;

/**
 * What pg-task is to reach in its default configuration, and whether it does. As ratios
 * wherever that is possible, because rates are those of a machine.
 */
final class Goals {

	static final String POISON = "time of the good tasks, with poison to without";

	static final String GROWTH_TIME = "claim p99, grown to alone";

	static final String GROWTH_BUFFERS = "buffers per claim, grown to alone";

	static final String BLOAT = "tasks/s, old snapshot to undisturbed";

	static final String BLOAT_AFTER = "tasks/s, within a minute of its end to undisturbed";

	static final String STEADY = "sizes, second half to first half";

	private static final int ADDED_STEPS = 2;

	private static final List<Goal> ALL = List.of(
			Goal.atLeast("one step: tasks/s, of the floor", 0.8, (figures) -> figures.ofFloor("one-step")),
			Goal.atLeast("one step: tasks/s, of db-scheduler", 8, Goals::ofPeer),
			Goal.atLeast("three steps: tasks/s, of the floor", 0.8, (figures) -> figures.ofFloor("three-steps")),
			Goal.atMost("one step: bytes of WAL", 1024, (figures) -> figures.leastWal("one-step")),
			Goal.atMost("each further step: bytes of WAL", 256, Goals::walOfFurtherStep),
			Goal.atMost("one step: commits", 0.05, (figures) -> figures.of("one-step", Measurement::commits)),
			Goal.atMost("idle, same JVM: p50 ms", 1, (figures) -> figures.ofLatency("latency-same-jvm", Latency::p50)),
			Goal.atMost("idle, other process: p50 ms", 2,
					(figures) -> figures.ofLatency("latency-other-jvm", Latency::p50)),
			Goal.atMost("idle, other process: p99 ms", 8,
					(figures) -> figures.ofLatency("latency-other-jvm", Latency::p99)),
			Goal.atMost("half load: p99 ms", 25, (figures) -> figures.ofLatency("latency-half-load", Latency::p99)),
			Goal.atLeast("enqueue on 1 connection, of the floor", 0.9, (figures) -> figures.ofFloor("enqueue-1")),
			Goal.atLeast("enqueue on 32 connections, of the floor", 0.9, (figures) -> figures.ofFloor("enqueue-32")),
			Goal.atLeast("enqueue in bulk, of COPY", 0.7, (figures) -> figures.ofFloor("enqueue-bulk")),
			Goal.atMost("fresh task beside a backlog: p99 ms", 50,
					(figures) -> figures.ofLatency("fairness", Latency::p99)),
			Goal.atMost("poison: " + POISON, 1.05, (figures) -> figures.of("poison", POISON)),
			Goal.atMost("growth: " + GROWTH_TIME, 2, (figures) -> figures.of("growth", GROWTH_TIME)),
			Goal.atMost("growth: " + GROWTH_BUFFERS, 2, (figures) -> figures.of("growth", GROWTH_BUFFERS)),
			Goal.atLeast("bloat: " + BLOAT, 0.7, (figures) -> figures.of("bloat", BLOAT)),
			Goal.atLeast("bloat: " + BLOAT_AFTER, 0.95, (figures) -> figures.of("bloat", BLOAT_AFTER)),
			Goal.atMost("steady: " + STEADY, 1.1, (figures) -> figures.of("steady", STEADY)));

	private Goals() {
	}

	/** Judge the results; what was not measured is left out. */
	static List<Verdict> judge(List<ScenarioResult> results) {
		Figures figures = new Figures(results);
		List<Verdict> verdicts = new ArrayList<>();
		for (Goal goal : ALL) {
			Double measured = goal.measure().apply(figures);
			if (measured != null) {
				verdicts.add(new Verdict(goal.text(), (goal.isFloor() ? "at least " : "at most ") + goal.limit(),
						measured, goal.isFloor() ? measured >= goal.limit() : measured <= goal.limit()));
			}
		}
		return verdicts;
	}

	private static @Nullable Double ofPeer(Figures figures) {
		Double own = figures.of("one-step", Measurement::tasksPerSecond);
		Double one = figures.of("one-step", Contenders.DB_SCHEDULER_50, Measurement::tasksPerSecond);
		Double other = figures.of("one-step", Contenders.DB_SCHEDULER_32, Measurement::tasksPerSecond);
		return (own != null && one != null && other != null) ? own / Math.max(one, other) : null;
	}

	private static @Nullable Double walOfFurtherStep(Figures figures) {
		Double one = figures.leastWal("one-step");
		Double three = figures.leastWal("three-steps");
		return (one != null && three != null) ? (three - one) / ADDED_STEPS : null;
	}

	/**
	 * Something to reach.
	 *
	 * @param isFloor whether less than the limit is missed, rather than more
	 */
	private record Goal(String text, boolean isFloor, double limit, Function<Figures, @Nullable Double> measure) {

		static Goal atLeast(String text, double limit, Function<Figures, @Nullable Double> measure) {
			return new Goal(text, true, limit, measure);
		}

		static Goal atMost(String text, double limit, Function<Figures, @Nullable Double> measure) {
			return new Goal(text, false, limit, measure);
		}

	}

	/**
	 * Whether a goal is reached.
	 *
	 * @param goal what it is about
	 * @param required what is asked for
	 * @param measured what was measured
	 * @param met whether that is enough
	 */
	record Verdict(String goal, String required, double measured, boolean met) {
	}

}
