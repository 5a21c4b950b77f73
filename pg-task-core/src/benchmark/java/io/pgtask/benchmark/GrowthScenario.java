package io.pgtask.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

import io.pgtask.benchmark.contender.Workload;

/**
 * What a claim costs in a table that holds what is claimed and nothing else, and beside
 * many rows that wait, are due later, have failed, or are of a type nobody knows. What is
 * claimed are in both cases the oldest tasks of their type.
 */
final class GrowthScenario implements PgTaskScenario {

	private static final int CLAIMS = 200;

	private static final int BATCH = 100;

	/** For every million of the others. */
	private static final double SHARE_OF_STRANGERS = 0.1;

	// The text of a task is the one that is there already.
	private static final String GROW = """
			INSERT INTO pg_task (step, quiet, wakeup_at, error)
			SELECT kind.step, true, clock_timestamp() + kind.later, kind.error
			FROM (SELECT step FROM pg_task LIMIT 1) AS task (step)
			CROSS JOIN LATERAL (VALUES
				(task.step, interval '0', NULL, ?),
				(task.step, interval '1 day', NULL, ?),
				(task.step, interval '0', 'failed', ?),
				('{"Stranger":{"Step":null}}', interval '0', NULL, ?)
			) AS kind (step, later, error, rows)
			CROSS JOIN LATERAL generate_series(1, kind.rows) n
			""";

	@Override
	public String name() {
		return "growth";
	}

	@Override
	public String description() {
		return "claiming " + BATCH + " tasks, alone in the table and beside as many as waiting, future and failed ones"
				+ " as benchmark.rows says, and a tenth of a type nobody knows";
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		Meter meter = contestant.prepare(Workload.ONE_STEP, CLAIMS * BATCH);
		meter.begin();
		ClaimCosts alone = claim(contestant);
		meter.end();
		Measurement measurement = meter.after(CLAIMS * BATCH, CLAIMS * BATCH, null, 0);
		contestant.prepare(Workload.ONE_STEP, CLAIMS * BATCH);
		grow(contestant.database(), options.rows());
		contestant.settle();
		ClaimCosts grown = claim(contestant);
		Map<String, Double> figures = new LinkedHashMap<>();
		figures.put("claim p50 ms, alone", alone.time().p50());
		figures.put("claim p50 ms, grown", grown.time().p50());
		figures.put("claim p99 ms, alone", alone.time().p99());
		figures.put("claim p99 ms, grown", grown.time().p99());
		figures.put(Goals.GROWTH_TIME, grown.time().p99() / alone.time().p99());
		if (alone.buffers() != null && grown.buffers() != null) {
			figures.put("buffers per claim, alone", alone.buffers());
			figures.put("buffers per claim, grown", grown.buffers());
			figures.put(Goals.GROWTH_BUFFERS, grown.buffers() / alone.buffers());
		}
		return measurement.withFigures(figures);
	}

	private static ClaimCosts claim(Contestant contestant) throws Exception {
		ClaimCosts.Meter meter = new ClaimCosts.Meter(contestant);
		return meter.claim(CLAIMS, BATCH);
	}

	private static void grow(Database database, int rows) throws SQLException {
		try (Connection connection = database.unpooled().getConnection();
				PreparedStatement insert = connection.prepareStatement(GROW);
				Statement vacuum = connection.createStatement()) {
			for (int i = 1; i <= 3; i++) {
				insert.setInt(i, rows);
			}
			insert.setInt(4, (int) (rows * SHARE_OF_STRANGERS));
			insert.executeUpdate();
			vacuum.execute("VACUUM (ANALYZE) pg_task");
		}
	}

}
