package io.pgtask.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario: rounds that only warm up, then as many as asked for, in each of which
 * every contestant has its turn. Meanwhile all their processes are kept, so that their
 * code stays compiled.
 */
final class ScenarioRunner {

	private final Options options;

	private final BenchmarkServer server;

	private final ServerMeter meter;

	/** How the contenders are configured. */
	private final Map<String, String> contenders = new LinkedHashMap<>();

	ScenarioRunner(Options options, BenchmarkServer server, ServerMeter meter) {
		this.options = options;
		this.server = server;
		this.meter = meter;
	}

	List<ScenarioResult> run(Scenario scenario) {
		Map<Entrant, Progress> progresses = new LinkedHashMap<>();
		for (Entrant entrant : this.options.entrants()) {
			if (scenario.admits(entrant.contender())) {
				progresses.put(entrant, new Progress(entrant));
			}
		}
		List<Progress> turns = new ArrayList<>(progresses.values());
		try {
			turns.forEach((progress) -> progress.enter(scenario));
			for (int round = 1 - scenario.warmUps(); round <= scenario.runs(this.options.runs()); round++) {
				for (Progress progress : turns) {
					progress.takeTurn(scenario, round);
				}
				turns.add(turns.remove(0));
			}
		}
		finally {
			turns.forEach(Progress::leave);
		}
		return progresses.values().stream().map((progress) -> progress.result(scenario)).toList();
	}

	Map<String, String> contenders() {
		return this.contenders;
	}

	private void describe(Contestant contestant) throws Exception {
		String name = contestant.entrant().name();
		if (!this.contenders.containsKey(name)) {
			String description = contestant.node(0).description();
			this.contenders.put(name, description);
			System.out.printf("%s: %s%n", name, description);
		}
	}

	/** How far an entrant has come. What fails is left out from then on. */
	private final class Progress {

		private final Entrant entrant;

		private final List<Measurement> runs = new ArrayList<>();

		private List<ServerMeter.StatementCost> statements = List.of();

		private @Nullable Contestant contestant;

		private @Nullable String failure;

		Progress(Entrant entrant) {
			this.entrant = entrant;
		}

		void enter(Scenario scenario) {
			try {
				this.contestant = new Contestant(this.entrant, scenario.processes(), ScenarioRunner.this.options.jvm(),
						ScenarioRunner.this.server, ScenarioRunner.this.meter);
				describe(this.contestant);
			}
			catch (Exception ex) {
				fail(scenario, ex);
			}
		}

		void takeTurn(Scenario scenario, int round) {
			if (this.contestant == null || this.failure != null) {
				return;
			}
			try {
				Measurement run = scenario.run(this.contestant, ScenarioRunner.this.options);
				System.out.printf("%s, %s, %s: %,.0f tasks/s%n", scenario.name(), this.entrant.name(),
						(round > 0) ? "run " + round : "warm-up", run.tasksPerSecond());
				run.figures().forEach((name, value) -> System.out.printf("  %s: %,.2f%n", name, value));
				if (round > 0) {
					this.runs.add(run);
				}
			}
			catch (Exception ex) {
				fail(scenario, ex);
			}
		}

		private void fail(Scenario scenario, Exception cause) {
			this.failure = cause.toString();
			System.err.printf("%s, %s: %s%n", scenario.name(), this.entrant.name(), cause);
		}

		void leave() {
			try {
				if (this.contestant != null) {
					this.statements = this.contestant.expensiveStatements();
					this.contestant.close();
				}
			}
			catch (Exception ex) {
				System.err.printf("%s could not be ended: %s%n", this.entrant.name(), ex);
			}
		}

		ScenarioResult result(Scenario scenario) {
			return new ScenarioResult(scenario.name(), this.entrant.name(), this.runs, this.statements, this.failure);
		}

	}

}
