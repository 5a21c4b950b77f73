package io.pgtask.benchmark;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.pgtask.benchmark.contender.Contenders;
import io.pgtask.benchmark.contender.Workload;

/**
 * How fast a backlog is worked off while somebody else keeps an old snapshot, so that no
 * row that was changed or deleted since can be removed, and when the snapshot has ended.
 */
final class BloatScenario implements Scenario {

	private static final double DEAD_SHARE = 0.9;

	/** How soon after the end of the snapshot the rate should be what it was. */
	private static final Duration RECOVERY = Duration.ofMinutes(1);

	private static final int DRAINS = 3;

	private static final String OLD_SNAPSHOT = "SELECT /* benchmark */ count(*) FROM pg_task";

	private static final String DEAD = """
			SELECT /* benchmark */ n_dead_tup FROM pg_stat_user_tables WHERE relid = 'pg_task'::regclass""";

	@Override
	public String name() {
		return "bloat";
	}

	@Override
	public String description() {
		return "tasks of one step that does nothing, enqueued in one call, at first undisturbed, then while an old"
				+ " snapshot keeps dead rows from being removed, 0.9 times as many as benchmark.rows says";
	}

	@Override
	public boolean admits(Contenders contender) {
		return contender == Contenders.PG_TASK;
	}

	@Override
	public int processes() {
		return 1;
	}

	@Override
	public int runs(int asked) {
		return Math.min(asked, 3);
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		Meter meter = contestant.prepare(Workload.ONE_STEP, 0);
		int tasks = options.tasks();
		double undisturbed = median(contestant, tasks);
		Map<String, Double> figures = new LinkedHashMap<>();
		try (Connection other = contestant.database().unpooled().getConnection();
				Statement statement = other.createStatement()) {
			other.setAutoCommit(false);
			other.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			statement.execute(OLD_SNAPSHOT);
			meter.begin();
			long dead = 0;
			while (dead < DEAD_SHARE * options.rows()) {
				drain(contestant, tasks);
				dead = dead(contestant.database());
			}
			double disturbed = median(contestant, tasks);
			meter.end();
			figures.put("tasks/s, undisturbed", undisturbed);
			figures.put("tasks/s, old snapshot", disturbed);
			figures.put("dead rows", (double) dead);
			figures.put(Goals.BLOAT, disturbed / undisturbed);
			other.rollback();
		}
		figures.put(Goals.BLOAT_AFTER, recover(contestant, tasks, undisturbed) / undisturbed);
		return meter.after(tasks, tasks, null, 0).withFigures(figures);
	}

	private static long dead(Database database) throws SQLException {
		try (Connection connection = database.unpooled().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(DEAD)) {
			row.next();
			return row.getLong(1);
		}
	}

	private static double recover(Contestant contestant, int tasks, double undisturbed) throws Exception {
		long end = System.nanoTime() + RECOVERY.toNanos();
		double rate = 0;
		while (rate < undisturbed && System.nanoTime() < end) {
			rate = Math.max(rate, drain(contestant, tasks));
		}
		return rate;
	}

	private static double median(Contestant contestant, int tasks) throws Exception {
		List<Double> rates = new ArrayList<>();
		for (int i = 0; i < DRAINS; i++) {
			rates.add(drain(contestant, tasks));
		}
		return Medians.of(rates.stream().mapToDouble(Double::doubleValue));
	}

	/** Work off more tasks, in the table as it has become. */
	private static double drain(Contestant contestant, int tasks) throws Exception {
		contestant.open(Workload.ONE_STEP, tasks, 1);
		contestant.node(0).enqueueAll(tasks);
		long begin = System.nanoTime();
		contestant.node(0).start();
		new Drain(contestant, tasks).await();
		double seconds = Duration.ofNanos(System.nanoTime() - begin).toNanos() / 1e9;
		contestant.closeEngines();
		return tasks / seconds;
	}

}
