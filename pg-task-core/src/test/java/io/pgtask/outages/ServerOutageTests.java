package io.pgtask.outages;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

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
 * The server dies, cuts sessions or has no place for more, while two workers are busy.
 */
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerOutageTests {

	private static final int PLACES = 40;

	private static final int TASKS = 5_000;

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withConcurrency(6)
		.withPollInterval(Duration.ofSeconds(10))
		.withLease(Duration.ofSeconds(12), Duration.ofSeconds(3));

	/** The longest pause of the pool between two attempts to connect, and ours. */
	private static final Duration RESUME = Duration.ofSeconds(7);

	private final EmbeddedServer server = EmbeddedServer.create(Map.of("max_connections", Integer.toString(PLACES)));

	private final TestDatabase database = this.server.createDatabase("server");

	private final ErrandTable table = new ErrandTable(this.database.dataSource());

	private ErrandLog log;

	private ErrandWorker one;

	private ErrandWorker other;

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
	void startWorkers() {
		this.table.clear();
		this.log = new ErrandLog(() -> TimeUnit.MILLISECONDS.sleep(5));
		this.one = worker();
		this.other = worker();
		await().atMost(Duration.ofSeconds(30)).until(this::areHealthy);
		this.table.insert(TASKS);
		await().atMost(Duration.ofSeconds(30)).until(() -> this.log.total() > 500);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.one.close();
		this.other.close();
	}

	@Test
	void workersWorkAgainWithinSecondsOfTheRestartOfAServerThatDied() {
		try (EngineLog lines = EngineLog.open()) {
			for (int i = 0; i < 2; i++) {
				this.server.crash();
				await().atMost(Duration.ofSeconds(30)).until(() -> this.one.status().trouble() != null);
				this.server.start();
				assertWorksAgain("server restarted");
			}
			assertAllHaveRun();
			lines.assertTellsWithoutFlooding();
		}
	}

	@Test
	void sessionsThatAreCutFiveTimesASecondCostNeitherTasksNorSteps() {
		try (EngineLog lines = EngineLog.open()) {
			AtomicInteger cuts = new AtomicInteger();
			int before = this.log.total();
			await().pollInterval(Duration.ofMillis(200)).atMost(Duration.ofSeconds(60)).until(() -> {
				cut(1);
				return cuts.incrementAndGet() == 20;
			});
			assertThat(this.log.total()).as("steps started meanwhile").isGreaterThan(before);
			assertWorksAgain("sessions no longer cut");
			assertAllHaveRun();
			assertThat(this.log.repeated()).isEmpty();
			lines.assertTellsWithoutFlooding();
		}
	}

	@Test
	void workersWorkAgainWhenAServerThatWasFullHasAPlace() throws SQLException {
		Deque<Connection> others = new ArrayDeque<>();
		try (EngineLog lines = EngineLog.open()) {
			fill(others);
			await().pollInterval(Duration.ofMillis(100)).atMost(Duration.ofSeconds(30)).until(() -> {
				cut(PLACES);
				fill(others);
				return this.one.status().trouble() != null && this.other.status().trouble() != null;
			});
			while (!others.isEmpty()) {
				others.pop().close();
			}
			assertWorksAgain("server no longer full");
			assertAllHaveRun();
			lines.assertTellsWithoutFlooding();
		}
	}

	@Test
	void workGoesOnWhileTheApplicationHasBorrowedTheWholePool() throws SQLException {
		Deque<Connection> borrowed = new ArrayDeque<>();
		try {
			this.other.stop().join();
			while (borrowed.size() < ErrandWorker.CONNECTIONS - SETTINGS.connections()) {
				borrowed.push(this.one.pool().getConnection());
			}
			this.table.insert(500);
			assertAllHaveRun();
			assertThat(this.log.repeated()).isEmpty();
		}
		finally {
			while (!borrowed.isEmpty()) {
				borrowed.pop().close();
			}
		}
	}

	/** Takes every place of the server that is free. */
	private void fill(Deque<Connection> others) {
		try {
			while (true) {
				others.push(this.database.openConnection());
			}
		}
		catch (SQLException ex) {
			assertThat(ex.getSQLState()).isEqualTo("53300");
		}
	}

	/** Cuts sessions of workers, others each time. */
	private void cut(int most) {
		this.table.jdbc().sql("""
				SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name = ?
				ORDER BY random() LIMIT ?
				""").params(ErrandWorker.NAME, most).query().listOfRows();
	}

	private void assertWorksAgain(String what) {
		int before = this.log.total();
		Figures.time(what + ", until a step starts", RESUME, () -> this.log.total() > before || this.table.isEmpty());
		await().atMost(Duration.ofSeconds(30)).until(this::areHealthy);
	}

	private void assertAllHaveRun() {
		await().atMost(Duration.ofSeconds(60)).until(this.table::isEmpty);
		assertThat(this.log.unfinished(this.table.acknowledged())).isEmpty();
		assertThat(this.log.violations()).as("finished steps that ran again").isEmpty();
	}

	private boolean areHealthy() {
		return this.one.isHealthy() && this.other.isHealthy();
	}

	private ErrandWorker worker() {
		return new ErrandWorker(this.database.url(), this.database.username(), SETTINGS, this.log);
	}

}
