package io.pgtask.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.pgtask.benchmark.contender.WallClock;
import io.pgtask.benchmark.contender.Workload;

/**
 * How soon a fresh task starts while many tasks of another type, of 5 ms each, are
 * waiting. It is inserted by plain SQL; the waiting begins with the insert.
 */
final class FairnessScenario implements PgTaskScenario {

	private static final double BACKLOG_SHARE = 0.2;

	/** More than the slots can work off. */
	private static final int FEWEST_PER_SECOND = 3000;

	private static final int MORE_SECONDS = 2;

	private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private static final String INSERT = """
			INSERT INTO pg_task (step) VALUES (format('{"Type1":{"Type1":{"number":%s}}}', ?::int))""";

	@Override
	public String name() {
		return "fairness";
	}

	@Override
	public String description() {
		return "start latency of fresh tasks, inserted by SQL, beside a backlog of another type that keeps all slots"
				+ " busy, a fifth of what benchmark.rows says";
	}

	@Override
	public int runs(int asked) {
		return asked;
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		int backlog = Math.max((int) (options.rows() * BACKLOG_SHARE),
				FEWEST_PER_SECOND * (options.seconds() + MORE_SECONDS));
		int tasks = (int) (TimeUnit.SECONDS.toNanos(options.seconds()) / INTERVAL_NANOS);
		Meter meter = contestant.prepare(Workload.SLOW_STEP, backlog);
		contestant.open(Workload.TWO_SLOW_TYPES, backlog + tasks, 1);
		contestant.node(0).start();
		new Drain(contestant, backlog / 100).awaitFinished();
		meter.begin();
		long[] inserted = insert(contestant.database(), backlog, tasks);
		long[] started = awaitStarts(contestant, backlog, tasks);
		meter.end();
		long finished = contestant.finished();
		contestant.closeEngines();
		if (finished >= backlog) {
			throw new IllegalStateException("The backlog was too small: it is gone");
		}
		return meter.after(tasks, tasks, Latency.between(inserted, started), 0);
	}

	private static long[] insert(Database database, int first, int tasks) throws Exception {
		long[] inserted = new long[tasks];
		Random random = new Random(tasks);
		try (Connection connection = database.unpooled().getConnection();
				PreparedStatement insert = connection.prepareStatement(INSERT)) {
			for (int i = 0; i < tasks; i++) {
				LockSupport.parkNanos((long) (INTERVAL_NANOS * (0.5 + random.nextDouble())));
				insert.setInt(1, first + i);
				inserted[i] = WallClock.nanos();
				insert.executeUpdate();
			}
		}
		return inserted;
	}

	private static long[] awaitStarts(Contestant contestant, int first, int tasks) throws Exception {
		while (true) {
			long[] starts = contestant.node(0).starts();
			long[] fresh = Arrays.copyOfRange(starts, first, first + tasks);
			if (Arrays.stream(fresh).allMatch((start) -> start > 0)) {
				return fresh;
			}
			TimeUnit.MILLISECONDS.sleep(200);
		}
	}

}
