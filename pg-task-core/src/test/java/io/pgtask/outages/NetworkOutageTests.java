package io.pgtask.outages;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.pgtask.test.EmbeddedServer;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.WorkerSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The network swallows everything for a while, and what it has swallowed never comes
 * through.
 */
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NetworkOutageTests {

	/** Nothing here is found by a poll. */
	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withConcurrency(8)
		.withPollInterval(Duration.ofHours(1))
		.withLease(Duration.ofSeconds(4), Duration.ofSeconds(1))
		.withShutdownTimeout(Duration.ofSeconds(2));

	private static final Duration SWALLOWED = Duration.ofSeconds(6);

	private final EmbeddedServer server = EmbeddedServer.create();

	private final TestDatabase database = this.server.createDatabase("network");

	private final ErrandTable table = new ErrandTable(this.database.dataSource());

	private TcpProxy network;

	@BeforeAll
	void createTable() {
		TaskSchema.create(this.database.dataSource());
	}

	@AfterAll
	void closeServer() {
		this.database.close();
		this.server.close();
	}

	@BeforeEach
	void connect() throws Exception {
		this.table.clear();
		this.network = new TcpProxy("localhost", this.server.port());
	}

	@AfterEach
	void disconnect() throws Exception {
		this.network.close();
	}

	@Test
	void aWorkerWorksAgainWithinSecondsOfTheReturnOfTheNetwork() throws Exception {
		ErrandLog log = new ErrandLog(() -> TimeUnit.MILLISECONDS.sleep(2));
		try (EngineLog lines = EngineLog.open(); ErrandWorker worker = worker(log)) {
			await().until(worker::isHealthy);
			this.table.insert(6_000);
			await().pollInterval(Duration.ofMillis(5)).until(() -> log.total() > 1000);
			this.network.swallow();
			await().until(() -> this.table.active() == 0);
			Set<String> inFlight = this.table.claimed();
			await().pollDelay(SWALLOWED)
				.atMost(SWALLOWED.plusSeconds(20))
				.until(() -> worker.status().trouble() != null);
			int before = log.total();
			this.network.pass();
			Figures.time("network back, until a step starts", Duration.ofSeconds(7), () -> log.total() > before);
			await().atMost(Duration.ofSeconds(30)).until(this.table::isEmpty);
			assertThat(log.violations()).isEmpty();
			assertThat(log.unfinished(this.table.acknowledged())).isEmpty();
			assertThat(inFlight).containsAll(log.repeated());
			await().atMost(Duration.ofSeconds(30)).until(worker::isHealthy);
			lines.assertTellsWithoutFlooding();
		}
	}

	@Test
	void aListenerWhoseConnectionIsHalfOpenListensAgainWithinSeconds() throws Exception {
		ErrandLog log = new ErrandLog(() -> {
		});
		try (ErrandWorker worker = worker(log)) {
			int port = await().until(this.table::listening, (ports) -> !ports.isEmpty()).get(0);
			this.network.swallow(port);
			this.table.insert(1);
			Figures.time("half-open listener, until another one listens", Duration.ofSeconds(20),
					() -> this.table.listening().stream().anyMatch((other) -> other != port));
			this.table.insert(1);
			await().until(this.table::isEmpty);
		}
	}

	@Test
	void aStopTakesNoLongerThanItsTimeAlthoughNobodyAnswers() throws Exception {
		CountDownLatch running = new CountDownLatch(SETTINGS.concurrency());
		CountDownLatch goOn = new CountDownLatch(1);
		ErrandLog log = new ErrandLog(() -> {
			running.countDown();
			goOn.await();
		});
		WorkerSettings patient = SETTINGS.withLease(Duration.ofMinutes(5), Duration.ofMinutes(1));
		try (ErrandWorker worker = worker(log, patient)) {
			this.table.insert(100);
			assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
			this.network.swallow();
			goOn.countDown();
			// Some step has returned by now, and its transition cannot be saved.
			await().until(() -> worker.status().running() < SETTINGS.concurrency());
			long start = System.nanoTime();
			worker.stop().get(60, TimeUnit.SECONDS);
			assertThat(Duration.ofNanos(System.nanoTime() - start))
				.as("the time steps have, and that of the last writes")
				.isLessThan(SETTINGS.shutdownTimeout().plusSeconds(8));
			assertThat(this.table.count()).isEqualTo(100);
			this.network.pass();
		}
	}

	private ErrandWorker worker(ErrandLog log) {
		return worker(log, SETTINGS);
	}

	private ErrandWorker worker(ErrandLog log, WorkerSettings settings) {
		String url = "jdbc:postgresql://127.0.0.1:%d/%s".formatted(this.network.port(), this.database.name());
		return new ErrandWorker(url, this.database.username(), settings, log);
	}

}
