package io.pgtask.benchmark;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What an entrant has achieved in a scenario.
 *
 * @param scenario the name of the scenario
 * @param entrant the name of the entrant
 * @param runs all runs that count, in their order
 * @param statements what took the server the most time, in all rounds together
 * @param failure why there are no more of them, or {@code null} if nothing failed
 */
record ScenarioResult(String scenario, String entrant, List<Measurement> runs,
		List<ServerMeter.StatementCost> statements, @Nullable String failure) {

	/**
	 * Return the median of the runs.
	 * @return the median, or {@code null} if there was no run
	 */
	public @Nullable Measurement getMedian() {
		return this.runs.isEmpty() ? null : Measurement.median(this.runs);
	}

}
