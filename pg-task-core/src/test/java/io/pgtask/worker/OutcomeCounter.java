package io.pgtask.worker;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts how the steps of a worker ended, as it tells those who measure it.
 */
final class OutcomeCounter implements WorkerEvents {

	private final Map<StepOutcome, Integer> outcomes = new TreeMap<>();

	private int leasesLost;

	@Override
	public synchronized void finished(String taskType, String step, StepOutcome outcome, Duration duration) {
		this.outcomes.merge(outcome, 1, Integer::sum);
	}

	@Override
	public synchronized void leaseLost(String taskType, String step) {
		this.leasesLost++;
	}

	synchronized Map<StepOutcome, Integer> outcomes() {
		return new TreeMap<>(this.outcomes);
	}

	synchronized int leasesLost() {
		return this.leasesLost;
	}

}
