package io.pgtask.benchmark;

import io.pgtask.benchmark.contender.Contenders;
import io.pgtask.benchmark.contender.Workload;

/**
 * How fast a backlog is worked off, from the start of the workers until the table holds
 * nothing more to do.
 *
 * @param share how many tasks there are, as a share of those of the other scenarios
 */
record DrainScenario(String name, String description, Workload workload, int processes,
		double share) implements Scenario {

	private static final int FEWEST_TASKS = 500;

	/** In the second round the compilers of the JVM still take a quarter of its time. */
	private static final int WARM_UPS = 2;

	@Override
	public boolean admits(Contenders contender) {
		return contender != Contenders.FLOOR || this.workload.stepMillis() == 0;
	}

	@Override
	public int warmUps() {
		return WARM_UPS;
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		double contenderShare = contestant.entrant().contender().share();
		return drain(contestant, Math.max(FEWEST_TASKS, (int) (options.tasks() * this.share * contenderShare)));
	}

	private Measurement drain(Contestant contestant, int tasks) throws Exception {
		Meter meter = contestant.prepare(this.workload, tasks);
		contestant.open(this.workload, tasks, 1);
		meter.begin();
		for (int i = 0; i < this.processes; i++) {
			contestant.node(i).start();
		}
		Drain drain = new Drain(contestant, tasks);
		long executed = drain.await();
		meter.end();
		contestant.closeEngines();
		return meter.after(tasks, executed, null, drain.checks());
	}

}
