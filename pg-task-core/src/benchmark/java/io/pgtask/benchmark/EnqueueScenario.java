package io.pgtask.benchmark;

import io.pgtask.benchmark.contender.Contenders;
import io.pgtask.benchmark.contender.Workload;

/**
 * How fast tasks are enqueued, each in a transaction of its own.
 *
 * @param connections how many threads enqueue, each on a connection of its own
 * @param working whether the process that enqueues works off the tasks, too
 * @param share how many tasks there are, as a share of those of the other scenarios
 */
record EnqueueScenario(String name, String description, int connections, boolean working,
		double share) implements Scenario {

	/** What a client, and a worker, may need beside the callers' connections. */
	private static final int MORE_CONNECTIONS = 6;

	@Override
	public boolean admits(Contenders contender) {
		return contender != Contenders.PG_TASK_TUNED && contender != Contenders.PG_TASK_TRANSACTIONAL
				&& contender != Contenders.PG_TASK_HISTORY && contender != Contenders.DB_SCHEDULER_32;
	}

	@Override
	public int processes() {
		return 1;
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		int tasks = Math.max(this.connections, (int) (options.tasks() * this.share));
		Meter meter = contestant.prepare(Workload.ONE_STEP, 0);
		contestant.open(Workload.ONE_STEP, tasks, this.connections + MORE_CONNECTIONS);
		if (this.working) {
			contestant.node(0).start();
		}
		meter.begin();
		contestant.node(0).enqueue(tasks, this.connections);
		meter.end();
		contestant.closeEngines();
		return meter.after(tasks, tasks, null, 0);
	}

}
