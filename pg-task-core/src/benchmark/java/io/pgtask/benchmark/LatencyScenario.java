package io.pgtask.benchmark;

import java.util.concurrent.TimeUnit;

import io.pgtask.benchmark.contender.Contenders;
import io.pgtask.benchmark.contender.Workload;

/**
 * How soon tasks start on a system that has nothing else to do.
 *
 * @param processes 1 if the process that enqueues also works, and the waiting begins when
 * the transaction is committed; 2 if another one enqueues, and it begins with the call
 */
record LatencyScenario(String name, String description, int processes) implements Scenario {

	private static final Departures.Pace PACE = new Departures.Pace(TimeUnit.MILLISECONDS.toNanos(20), 1);

	@Override
	public boolean admits(Contenders contender) {
		return contender != Contenders.FLOOR && contender != Contenders.PG_TASK_TRANSACTIONAL
				&& contender != Contenders.PG_TASK_HISTORY && contender != Contenders.DB_SCHEDULER_32;
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		int tasks = (int) (TimeUnit.SECONDS.toNanos(options.seconds()) / PACE.intervalNanos());
		Meter meter = contestant.prepare(Workload.ONE_STEP, 0);
		contestant.open(Workload.ONE_STEP, tasks, 1);
		contestant.node(0).start();
		meter.begin();
		Departures departures = contestant.node(this.processes - 1).enqueueAtPace(tasks, PACE);
		Drain drain = new Drain(contestant, tasks);
		long executed = drain.await();
		meter.end();
		long[] starts = contestant.node(0).starts();
		contestant.closeEngines();
		long[] from = (this.processes == 1) ? departures.committed() : departures.called();
		return meter.after(tasks, executed, Latency.between(from, starts), drain.checks());
	}

}
