package io.pgtask.benchmark;

import java.util.List;

import io.pgtask.benchmark.contender.Contenders;

/**
 * Whether the floor is fast enough to be compared with. One that was written carelessly
 * would make everything beside it look good.
 *
 * @param text what to print
 * @param rejected whether the floor is too slow
 */
record FloorVerdict(String text, boolean rejected) {

	private static final double REQUIRED = 8.0;

	static FloorVerdict of(List<ScenarioResult> results) {
		double floor = best(results, List.of(Contenders.FLOOR.id()));
		double peer = best(results, List.of(Contenders.DB_SCHEDULER_50.id(), Contenders.DB_SCHEDULER_32.id()));
		if (floor == 0 || peer == 0) {
			return new FloorVerdict("The floor was not compared with db-scheduler.", false);
		}
		boolean rejected = floor < REQUIRED * peer;
		return new FloorVerdict("The floor is %.1f times as fast as db-scheduler and therefore %s (%.0f are required)."
			.formatted(floor / peer, rejected ? "REJECTED as too slow a floor" : "accepted", REQUIRED), rejected);
	}

	private static double best(List<ScenarioResult> results, List<String> entrants) {
		double best = 0;
		for (ScenarioResult result : results) {
			Measurement median = result.getMedian();
			if (median != null && result.scenario().equals(Scenarios.ONE_STEP) && entrants.contains(result.entrant())) {
				best = Math.max(best, median.tasksPerSecond());
			}
		}
		return best;
	}

}
