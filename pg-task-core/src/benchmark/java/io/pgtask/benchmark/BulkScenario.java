package io.pgtask.benchmark;

import io.pgtask.benchmark.contender.Contenders;
import io.pgtask.benchmark.contender.Workload;

/**
 * How fast many tasks are enqueued by one call in one transaction, beside a bare
 * {@code COPY} of the same rows, while no worker runs.
 */
record BulkScenario(String name, String description) implements Scenario {

	@Override
	public boolean admits(Contenders contender) {
		return contender == Contenders.FLOOR || contender == Contenders.PG_TASK;
	}

	@Override
	public int processes() {
		return 1;
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		int tasks = options.tasks();
		Meter meter = contestant.prepare(Workload.ONE_STEP, 0);
		contestant.open(Workload.ONE_STEP, tasks, 2);
		meter.begin();
		contestant.node(0).enqueueAll(tasks);
		meter.end();
		contestant.closeEngines();
		return meter.after(tasks, tasks, null, 0);
	}

}
