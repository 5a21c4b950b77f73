package io.pgtask.benchmark;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The main class: measures what {@link Options} ask for, on a server of its own or a
 * given one, and prints a table. Ends with 1 if something failed, and with 2 if the floor
 * turned out too slow to be compared with.
 */
final class Benchmark {

	private static final int FAILED = 1;

	private static final int FLOOR_REJECTED = 2;

	private final Options options;

	private final BenchmarkServer server;

	private final ServerMeter meter;

	private Benchmark(Options options, BenchmarkServer server, ServerMeter meter) {
		this.options = options;
		this.server = server;
		this.meter = meter;
	}

	/**
	 * Run the benchmark.
	 * @param arguments none
	 * @throws Exception if it cannot run at all
	 */
	public static void main(String[] arguments) throws Exception {
		Options options = Options.fromSystemProperties();
		Report report;
		try (BenchmarkServer server = serverFor(options); ServerMeter meter = new ServerMeter(server.home())) {
			report = new Benchmark(options, server, meter).run();
		}
		report.print();
		report.write(options.output());
		if (report.hasFailures()) {
			System.exit(FAILED);
		}
		if (report.verdict().rejected() && !options.quick()) {
			System.exit(FLOOR_REJECTED);
		}
	}

	private static BenchmarkServer serverFor(Options options) throws SQLException {
		String url = options.url();
		return (url != null) ? BenchmarkServer.at(url) : BenchmarkServer.embedded();
	}

	private Report run() throws Exception {
		Instant started = Instant.now();
		Map<String, String> machine = Machine.describe();
		Map<String, String> settings = this.server.settings();
		printSetting(machine);
		printSetting(settings);
		List<ScenarioResult> results = new ArrayList<>();
		ScenarioRunner runner = new ScenarioRunner(this.options, this.server, this.meter);
		for (Scenario scenario : this.options.scenarios()) {
			System.out.printf("%n%s: %s%n", scenario.name(), scenario.description());
			results.addAll(runner.run(scenario));
		}
		return new Report(started, machine, settings, this.options.toString(), runner.contenders(),
				FloorVerdict.of(results), Goals.judge(results), results);
	}

	private static void printSetting(Map<String, String> setting) {
		setting.forEach((name, value) -> System.out.printf("%s: %s%n", name, value));
		System.out.println();
	}

}
