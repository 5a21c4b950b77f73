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

import io.pgtask.benchmark.contender.Workload;

/**
 * How fast a backlog is worked off while somebody else keeps an old snapshot, so that no
 * row that was changed or deleted since can be removed, and when the snapshot has ended.
 */
final class BloatScenario implements PgTaskScenario {

	/** A backlog should be small beside the dead rows. */
	private static final double SHARE = 0.1;

	private static final double DEAD_SHARE = 0.9;

	/** How soon after the end of the snapshot the rate should be what it was. */
	private static final Duration RECOVERY = Duration.ofMinutes(1);

	private static final int DRAINS = 3;

	private static final double NANOS_PER_SECOND = 1e9;

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
	public Measurement run(Contestant contestant, Options options) throws Exception {
		Meter meter = contestant.prepare(Workload.ONE_STEP, 0);
		meter.begin();
		Backlogs backlogs = new Backlogs(contestant, Math.max(1, (int) (options.tasks() * SHARE)));
		double undisturbed = backlogs.medianRate();
		Map<String, Double> figures = new LinkedHashMap<>();
		try (Connection other = contestant.database().unpooled().getConnection();
				Statement statement = other.createStatement()) {
			other.setAutoCommit(false);
			other.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			statement.execute(OLD_SNAPSHOT);
			long dead = 0;
			while (dead < DEAD_SHARE * options.rows()) {
				backlogs.drain();
				dead = dead(contestant.database());
			}
			double disturbed = backlogs.medianRate();
			figures.put("tasks/s, undisturbed", undisturbed);
			figures.put("tasks/s, old snapshot", disturbed);
			figures.put("dead rows", (double) dead);
			figures.put(Goals.BLOAT, disturbed / undisturbed);
			other.rollback();
		}
		figures.put(Goals.BLOAT_AFTER, backlogs.recoveredRate(undisturbed) / undisturbed);
		meter.end();
		return meter.after(backlogs.drained(), backlogs.drained(), null, 0).withFigures(figures);
	}

	private static long dead(Database database) throws SQLException {
		try (Connection connection = database.unpooled().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(DEAD)) {
			row.next();
			return row.getLong(1);
		}
	}

	/** One backlog after the other, in the table as it has become. */
	private static final class Backlogs {

		private final Contestant contestant;

		private final int tasks;

		private final List<Double> rates = new ArrayList<>();

		Backlogs(Contestant contestant, int tasks) {
			this.contestant = contestant;
			this.tasks = tasks;
		}

		void drain() throws Exception {
			this.contestant.open(Workload.ONE_STEP, this.tasks, 1);
			this.contestant.node(0).enqueueAll(this.tasks);
			long begin = System.nanoTime();
			this.contestant.node(0).start();
			new Drain(this.contestant, this.tasks).await();
			this.rates.add(this.tasks * NANOS_PER_SECOND / (System.nanoTime() - begin));
			this.contestant.closeEngines();
		}

		double medianRate() throws Exception {
			for (int i = 0; i < DRAINS; i++) {
				drain();
			}
			return latestMedian();
		}

		private double latestMedian() {
			return Medians.of(this.rates.subList(this.rates.size() - DRAINS, this.rates.size())
				.stream()
				.mapToDouble(Double::doubleValue));
		}

		/** The best that so many drains in a row have given in the time. */
		double recoveredRate(double enough) throws Exception {
			long end = System.nanoTime() + RECOVERY.toNanos();
			double best = medianRate();
			while (best < enough && System.nanoTime() < end) {
				drain();
				best = Math.max(best, latestMedian());
			}
			return best;
		}

		int drained() {
			return this.rates.size() * this.tasks;
		}

	}

}
