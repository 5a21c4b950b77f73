package io.pgtask.benchmark;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.pgtask.benchmark.contender.Workload;

/**
 * What it costs good tasks that others among them always fail: how long it takes until
 * all good ones are done, with poison and without it. All variants have their turn in
 * each round, in the same process, each round beginning with another one, and the median
 * of the rounds' ratios counts.
 */
final class PoisonScenario implements PgTaskScenario {

	private static final double SHARE = 0.1;

	private static final int FEWEST_HUNDREDS = 10;

	private static final int ROUNDS_PER_RUN = 4;

	private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

	// What is left when the good tasks are gone is the poison, and that stays.
	private static final String LEFT = "SELECT /* benchmark */ count(*) FROM pg_task";

	private static final String PARKED = "SELECT /* benchmark */ count(*) FROM pg_task WHERE error IS NOT NULL";

	private static final String FAILED = "SELECT /* benchmark */ sum(tried) FROM pg_task";

	@Override
	public String name() {
		return "poison";
	}

	@Override
	public String description() {
		return "tasks of one step that does nothing, without and with a hundredth as many whose step always throws, is"
				+ " tried again three times and parked";
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
		int hundreds = Math.max(FEWEST_HUNDREDS, (int) (options.tasks() * SHARE / 100));
		List<Variant> turns = new ArrayList<>(List.of(Variant.values()));
		List<Map<Variant, Measurement>> rounds = new ArrayList<>();
		for (int round = 0; round <= ROUNDS_PER_RUN * options.runs(); round++) {
			Map<Variant, Measurement> measured = new EnumMap<>(Variant.class);
			for (Variant variant : turns) {
				measured.put(variant, drain(contestant, variant, hundreds));
			}
			if (round > 0) {
				rounds.add(measured);
			}
			Collections.rotate(turns, -1);
		}
		return Measurement.median(of(Variant.POISON, rounds)).withFigures(figures(rounds));
	}

	private static Measurement drain(Contestant contestant, Variant variant, int hundreds) throws Exception {
		int good = hundreds * variant.goodOfHundred();
		int poison = hundreds * variant.poisonOfHundred();
		Meter meter = contestant.prepare(variant.workload(), good + poison);
		contestant.open(variant.workload(), good + poison, 1);
		try (Connection connection = contestant.database().unpooled().getConnection()) {
			meter.begin();
			contestant.node(0).start();
			long finished = new Drain(contestant, good).await(() -> number(connection, LEFT) <= poison);
			meter.end();
			long failed = number(connection, FAILED);
			awaitParked(connection, poison);
			connection.close();
			contestant.closeEngines();
			return meter.after(good, finished, null, 0).withFigures(Map.of(FAILED, (double) failed));
		}
	}

	private static void awaitParked(Connection connection, int poison) throws Exception {
		long begin = System.nanoTime();
		while (number(connection, PARKED) < poison) {
			if (System.nanoTime() - begin > PATIENCE_NANOS) {
				throw new IllegalStateException(
						"Of %d poison tasks only %d are parked".formatted(poison, number(connection, PARKED)));
			}
			TimeUnit.MILLISECONDS.sleep(50);
		}
	}

	private static long number(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getLong(1);
		}
	}

	private static Map<String, Double> figures(List<Map<Variant, Measurement>> rounds) {
		Map<String, Double> figures = new LinkedHashMap<>();
		for (Variant variant : Variant.values()) {
			figures.put("seconds, " + variant.text(),
					Medians.of(of(variant, rounds).stream().mapToDouble(PoisonScenario::seconds)));
		}
		figures.put("failed attempts until the good tasks were done",
				Medians.of(of(Variant.POISON, rounds).stream().mapToDouble((run) -> run.figures().get(FAILED))));
		figures.put("time, without poison to the same once more", ratio(Variant.AGAIN, rounds));
		figures.put("time, with as many more good tasks to without", ratio(Variant.MORE, rounds));
		figures.put(Goals.POISON, ratio(Variant.POISON, rounds));
		return figures;
	}

	private static double ratio(Variant variant, List<Map<Variant, Measurement>> rounds) {
		return Medians
			.of(rounds.stream().mapToDouble((round) -> seconds(round, variant) / seconds(round, Variant.WITHOUT)));
	}

	private static double seconds(Map<Variant, Measurement> round, Variant variant) {
		Measurement measured = round.get(variant);
		if (measured == null) {
			throw new IllegalStateException(variant + " was not measured");
		}
		return seconds(measured);
	}

	private static double seconds(Measurement measured) {
		return measured.tasks() / measured.tasksPerSecond();
	}

	private static List<Measurement> of(Variant variant, List<Map<Variant, Measurement>> rounds) {
		return rounds.stream().map((round) -> round.get(variant)).toList();
	}

	/** What the backlog consists of. */
	private enum Variant {

		/** Good tasks alone. */
		WITHOUT("without poison", 100, 0),

		/** The control: what two equal drains differ. */
		AGAIN("without poison once more", 100, 0),

		/** What as many tasks cost that do not fail. */
		MORE("with as many more good tasks", 101, 0),

		/** One poison task for every hundred. */
		POISON("with poison", 100, 1);

		private final String text;

		private final int goodOfHundred;

		private final int poisonOfHundred;

		Variant(String text, int goodOfHundred, int poisonOfHundred) {
			this.text = text;
			this.goodOfHundred = goodOfHundred;
			this.poisonOfHundred = poisonOfHundred;
		}

		String text() {
			return this.text;
		}

		Workload workload() {
			return (this.poisonOfHundred > 0) ? Workload.POISONED : Workload.ONE_STEP;
		}

		int goodOfHundred() {
			return this.goodOfHundred;
		}

		int poisonOfHundred() {
			return this.poisonOfHundred;
		}

	}

}
