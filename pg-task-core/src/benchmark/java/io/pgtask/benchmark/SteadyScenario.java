package io.pgtask.benchmark;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import io.pgtask.benchmark.contender.Workload;

/**
 * Whether table and indexes keep their sizes while tasks come in, from another process,
 * half as fast as they can be worked off.
 */
final class SteadyScenario implements PgTaskScenario {

	private static final int PORTION_SECONDS = 2;

	private static final int GROUPS_PER_SECOND = 200;

	private static final double BYTES_PER_MEGABYTE = 1024 * 1024;

	private static final String SIZES = """
			SELECT /* benchmark */ pg_table_size('pg_task'), pg_indexes_size('pg_task')""";

	private final DrainScenario drain;

	SteadyScenario(DrainScenario drain) {
		this.drain = drain;
	}

	@Override
	public String name() {
		return "steady";
	}

	@Override
	public String description() {
		return "sizes of table and indexes at half of one's own drain rate for benchmark.steady-seconds";
	}

	@Override
	public int processes() {
		return 2;
	}

	@Override
	public int warmUps() {
		return 0;
	}

	@Override
	public int runs(int asked) {
		return 1;
	}

	@Override
	public Measurement run(Contestant contestant, Options options) throws Exception {
		this.drain.run(contestant, options);
		double rate = this.drain.run(contestant, options).tasksPerSecond() / 2;
		int group = Math.max(2, (int) (rate / GROUPS_PER_SECOND));
		int portion = group * GROUPS_PER_SECOND * PORTION_SECONDS;
		Departures.Pace pace = new Departures.Pace(TimeUnit.SECONDS.toNanos(1) / GROUPS_PER_SECOND, group);
		int portions = Math.max(2, options.steadySeconds() / PORTION_SECONDS);
		Meter meter = contestant.prepare(Workload.ONE_STEP, 0);
		contestant.open(Workload.ONE_STEP, portion, 1);
		contestant.node(0).start();
		meter.begin();
		List<Sizes> sizes = new ArrayList<>();
		for (int i = 0; i < portions; i++) {
			contestant.node(1).enqueueAtPace(portion, pace);
			sizes.add(sizes(contestant.database()));
		}
		Drain drain = new Drain(contestant, portions * portion);
		long executed = drain.await();
		meter.end();
		contestant.closeEngines();
		return meter.after(portions * portion, executed, null, drain.checks() + portions).withFigures(figures(sizes));
	}

	private static Sizes sizes(Database database) throws SQLException {
		try (Connection connection = database.unpooled().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(SIZES)) {
			row.next();
			return new Sizes(row.getLong(1) / BYTES_PER_MEGABYTE, row.getLong(2) / BYTES_PER_MEGABYTE);
		}
	}

	private static Map<String, Double> figures(List<Sizes> sizes) {
		List<Sizes> first = sizes.subList(0, sizes.size() / 2);
		List<Sizes> second = sizes.subList(sizes.size() / 2, sizes.size());
		Map<String, Double> figures = new LinkedHashMap<>();
		figures.put("table MiB, first half", largest(first, Sizes::table));
		figures.put("table MiB, second half", largest(second, Sizes::table));
		figures.put("indexes MiB, first half", largest(first, Sizes::indexes));
		figures.put("indexes MiB, second half", largest(second, Sizes::indexes));
		figures.put(Goals.STEADY, largest(second, Sizes::sum) / largest(first, Sizes::sum));
		return figures;
	}

	private static double largest(List<Sizes> sizes, ToDoubleFunction<Sizes> size) {
		return sizes.stream().mapToDouble(size).max().orElseThrow();
	}

	private record Sizes(double table, double indexes) {

		double sum() {
			return this.table + this.indexes;
		}

	}

}
