package io.pgtask.benchmark;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.pgtask.benchmark.contender.Contenders;
import io.pgtask.benchmark.contender.Workload;

/**
 * How soon tasks start while they come in, from another process, half as fast as the
 * contender was able to work them off. The waiting begins when they were to be enqueued,
 * whether or not that was in time. What the contender is able to is measured at first, in
 * the run that does not count.
 */
final class HalfLoadScenario implements Scenario {

	private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

	private static final double NANOS_PER_SECOND = 1e9;

	private final DrainScenario drain;

	private final Map<Contestant, Double> drainRates = new ConcurrentHashMap<>();

	HalfLoadScenario(DrainScenario drain) {
		this.drain = drain;
	}

	@Override
	public String name() {
		return "latency-half-load";
	}

	@Override
	public String description() {
		return "start latency at half of one's own drain rate, from the time a task was to be enqueued by another process";
	}

	@Override
	public boolean admits(Contenders contender) {
		return contender != Contenders.FLOOR && contender != Contenders.PG_TASK_TRANSACTIONAL
				&& contender != Contenders.PG_TASK_HISTORY && contender != Contenders.DB_SCHEDULER_32;
	}

	@Override
	public int processes() {
		return 2;
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		Double drainRate = this.drainRates.get(contestant);
		if (drainRate == null) {
			this.drain.run(contestant, options);
			drainRate = this.drain.run(contestant, options).tasksPerSecond();
			this.drainRates.put(contestant, drainRate);
		}
		return run(contestant, drainRate / 2, options.seconds());
	}

	private static Measurement run(Contestant contestant, double rate, int seconds) throws Exception {
		int group = Math.max(2, (int) (rate * TICK_NANOS / NANOS_PER_SECOND));
		Departures.Pace pace = new Departures.Pace((long) (NANOS_PER_SECOND * group / rate), group);
		int tasks = (int) (rate * seconds);
		Meter meter = contestant.prepare(Workload.ONE_STEP, 0);
		contestant.open(Workload.ONE_STEP, tasks, 1);
		contestant.node(0).start();
		meter.begin();
		Departures departures = contestant.node(1).enqueueAtPace(tasks, pace);
		Drain drain = new Drain(contestant, tasks);
		long executed = drain.await();
		meter.end();
		long[] starts = contestant.node(0).starts();
		contestant.closeEngines();
		return meter.after(tasks, executed, Latency.between(departures.scheduled(), starts), drain.checks());
	}

}
