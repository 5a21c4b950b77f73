package io.pgtask.outages;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.pgtask.test.TaskSchema;
import io.pgtask.worker.WorkerSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * How long it takes after a fault until every worker works, and until they do as much as
 * they did before. Steps wait more than they compute, so that what is measured is the
 * engine and not the machine. Bounds are those of a busy machine; what is promised is in
 * the guide to reliability, with figures.
 */
@Tag("faults")
class RecoveryTests {

	private static final String FAULTS = "pgtask.recovery.faults";

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withConcurrency(6)
		.withPollInterval(Duration.ofSeconds(10))
		.withLease(Duration.ofSeconds(12), Duration.ofSeconds(3));

	private static final int TASKS = 15_000;

	private static final Duration WORKS = Duration.ofSeconds(10);

	private static final Duration BACK = Duration.ofSeconds(20);

	static Stream<String> faults() {
		return Stream.of(System.getProperty(FAULTS, "restart").split(","));
	}

	@ParameterizedTest
	@MethodSource("faults")
	void everyWorkerWorksWithinSecondsOfTheEndOfAFaultAndDoesAsMuchAsBefore(String name) throws Exception {
		List<ErrandLog> logs = List.of(log(), log());
		Throughput throughput = new Throughput(() -> logs.stream().mapToInt(ErrandLog::total).sum());
		try (Fault fault = Fault.of(name)) {
			TaskSchema.create(fault.dataSource());
			new ErrandTable(fault.dataSource()).insert(TASKS);
			try (ErrandWorker one = worker(fault, logs.get(0)); ErrandWorker other = worker(fault, logs.get(1))) {
				await().atMost(Duration.ofSeconds(30)).until(() -> one.isHealthy() && other.isHealthy());
				double before = throughput.measure(Duration.ofSeconds(4));
				fault.strike();
				fault.end();
				CompletableFuture<Long> worked = CompletableFuture.supplyAsync(() -> millisUntilAllStart(logs));
				Duration back = throughput.awaitRate(0.95 * before, BACK);
				assertThat(back).as("time until the rate of %.0f steps/s was back", before).isNotNull();
				long millis = worked.get(1, TimeUnit.SECONDS);
				System.out.printf(
						"outages: %s: every worker works after %d ms, and 95 %% of %.0f steps/s after %d ms%n", name,
						millis, before, back.toMillis());
			}
		}
	}

	private static long millisUntilAllStart(List<ErrandLog> logs) {
		List<Integer> before = logs.stream().map(ErrandLog::total).toList();
		long start = System.nanoTime();
		await().pollInterval(Duration.ofMillis(10))
			.atMost(WORKS)
			.until(() -> logs.get(0).total() > before.get(0) && logs.get(1).total() > before.get(1));
		return (System.nanoTime() - start) / 1_000_000;
	}

	private static ErrandLog log() {
		return new ErrandLog(() -> TimeUnit.MILLISECONDS.sleep(20));
	}

	private static ErrandWorker worker(Fault fault, ErrandLog log) {
		return new ErrandWorker(fault.url(), fault.user(), SETTINGS, log);
	}

}
