package io.pgtask.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.pgtask.test.EmbeddedServer;

import static org.awaitility.Awaitility.await;

/**
 * One scenario from its first process to the verdict.
 *
 * @param duration how long faults strike
 * @param rate how many tasks are enqueued from outside in a second
 * @param directory where to leave the journals and logs
 */
record FaultRun(Scenario scenario, long seed, Duration duration, int rate, int nodes, Path directory) {

	/** Leases end, processes start, retries are due, and what hangs is given up. */
	private static final Duration CALM = Duration.ofSeconds(60);

	/** On a machine that is busy with much else. */
	private static final Duration LONGEST_START = Duration.ofMinutes(3);

	/**
	 * A server forgets in a crash what there is to vacuum, and usually looks for that
	 * once a minute, which it would hardly live to see here.
	 */
	private static final Map<String, String> OFTEN_VACUUMED = Map.of("autovacuum_naptime", "5s");

	FaultRun in(Path directory) {
		return new FaultRun(this.scenario, this.seed, this.duration, this.rate, this.nodes, directory);
	}

	/** Runs the scenario. */
	Verdict run() throws Exception {
		List<String> doubleEffects;
		try (Cluster cluster = cluster()) {
			for (int i = 0; i < this.nodes; i++) {
				cluster.start(Steps.Release.OLD);
			}
			if (this.scenario.hasWitness()) {
				cluster.startWitness();
			}
			try (Load load = cluster.load("suite", this.rate);
					Footprints footprints = new Footprints(cluster.journal(), cluster.database()::footprint)) {
				strike(cluster);
			}
			calmDown(cluster);
			cluster.stop();
			doubleEffects = cluster.database().doubleEffects();
		}
		History history = History.read(this.directory);
		List<Violation> violations = new Checker(history, Node.FEW_DELIVERIES, Node.SLOTS).check();
		return new Verdict(Figures.of(this.scenario, this.seed, history, violations.size()), Growth.in(history),
				violations, doubleEffects);
	}

	private Cluster cluster() throws IOException {
		Map<String, String> server = new HashMap<>(EmbeddedServer.DURABLE);
		server.putAll(Scenario.FORGETFUL);
		server.putAll(OFTEN_VACUUMED);
		return new Cluster(new Cluster.Settings(this.directory, server, this.scenario.hasPoison(), this.seed));
	}

	private void strike(Cluster cluster) throws Exception {
		await().atMost(LONGEST_START)
			.until(() -> cluster.database()
				.jdbc()
				.sql("SELECT count(*) FROM effect")
				.query(Integer.class)
				.single() > 5);
		long start = System.nanoTime();
		while (System.nanoTime() - start < this.duration.toNanos()) {
			this.scenario.strike(cluster);
			cluster.replaceDead();
		}
	}

	/** What nobody picks up is found by the checker. */
	private static void calmDown(Cluster cluster) throws Exception {
		cluster.replaceDead();
		cluster.endLoads();
		if (cluster.nodes().stream().allMatch((node) -> node.release() == Steps.Release.OLD)) {
			cluster.start(Steps.Release.NEW);
		}
		long start = System.nanoTime();
		while (cluster.database().mayHaveOpen() && System.nanoTime() - start < CALM.toNanos()) {
			Thread.sleep(100);
			cluster.replaceDead();
		}
	}

	/**
	 * What came of a run.
	 *
	 * @param growths how large everything was, if it went on for long
	 * @param doubleEffects what transactional steps have done twice
	 */
	record Verdict(Figures figures, List<Growth> growths, List<Violation> violations, List<String> doubleEffects) {

		boolean isGood() {
			return this.violations.isEmpty() && this.doubleEffects.isEmpty();
		}

		@Override
		public String toString() {
			return Figures.HEADER + this.figures + Growth.table(this.growths)
					+ this.violations.stream()
						.limit(5)
						.map((violation) -> "\n" + violation)
						.collect(Collectors.joining())
					+ "\ndone twice by transactional steps: " + this.doubleEffects;
		}

	}

}
