package io.pgtask.outages;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.test.InstalledServer;
import io.pgtask.test.TaskSchema;
import io.pgtask.worker.WorkerSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * A streaming standby becomes the primary while workers are busy. Their URL names both
 * servers, and nobody restarts them.
 */
@Tag("faults")
class FailoverTests {

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withConcurrency(8)
		.withPollInterval(Duration.ofSeconds(10))
		.withLease(Duration.ofSeconds(8), Duration.ofSeconds(2));

	private static final int TASKS = 4_000;

	/** The longest pause of the pool between two attempts to connect, and ours. */
	private static final Duration RESUME = Duration.ofSeconds(8);

	private final ErrandLog log = new ErrandLog(() -> TimeUnit.MILLISECONDS.sleep(2));

	private InstalledServer primary;

	private InstalledServer standby;

	private ErrandTable before;

	private ErrandTable after;

	@BeforeEach
	void createServers() {
		assumeThat(InstalledServer.isInstalled())
			.as("a PostgreSQL with pg_basebackup in /usr/lib/postgresql, say of Debian's package postgresql")
			.isTrue();
		// What was acknowledged is on both.
		this.primary = InstalledServer.create(Map.of("synchronous_standby_names", "*"));
		this.standby = this.primary.createStandby();
		TaskSchema.create(this.primary.dataSource());
		this.before = new ErrandTable(this.primary.dataSource());
		this.after = new ErrandTable(this.standby.dataSource());
	}

	@AfterEach
	void closeServers() {
		if (this.standby != null) {
			this.standby.close();
		}
		if (this.primary != null) {
			this.primary.close();
		}
	}

	@Test
	void workGoesOnAtTheNewPrimaryWhenTheOldOneIsGone() throws Exception {
		try (EngineLog lines = EngineLog.open(); ErrandWorker worker = worker()) {
			runUntilBusy(worker);
			this.primary.crash();
			this.standby.promote();
			int waiting = this.after.count();
			Figures.time("old primary gone, until a task ends at the new one", RESUME,
					() -> this.after.count() < waiting);
			assertAllHaveRun();
			await().atMost(RESUME).until(worker::isHealthy);
			lines.assertTellsWithoutFlooding();
		}
	}

	@Test
	void nothingStaysAtAnOldPrimaryThatStillAnswersButNoLongerWrites() throws Exception {
		try (EngineLog lines = EngineLog.open(); ErrandWorker worker = worker()) {
			runUntilBusy(worker);
			this.primary.refuseToWrite();
			await().untilAsserted(() -> assertThat(worker.status().trouble()).isNotNull());
			this.standby.promote();
			int waiting = this.after.count();
			Figures.time("old primary read-only, until a task ends at the new one", RESUME,
					() -> this.after.count() < waiting);
			assertAllHaveRun();
			await().atMost(Duration.ofSeconds(25)).untilAsserted(() -> assertThat(this.before.listening()).isEmpty());
			await().atMost(RESUME).until(worker::isHealthy);
			this.after.insert(1);
			await().atMost(Duration.ofSeconds(5)).until(this.after::isEmpty);
			lines.assertTellsWithoutFlooding();
		}
	}

	@Test
	void anIdleWorkerLeavesAnOldPrimaryThatStillAnswers() throws Exception {
		try (ErrandWorker worker = worker()) {
			await().until(worker::isHealthy);
			this.primary.refuseToWrite();
			this.standby.promote();
			Figures.time("idle worker, until it listens to the new primary", Duration.ofSeconds(25),
					() -> !this.after.listening().isEmpty());
			this.after.insert(10);
			await().atMost(Duration.ofSeconds(25)).until(this.after::isEmpty);
			assertThat(this.log.unfinished(this.after.acknowledged())).isEmpty();
		}
	}

	private void runUntilBusy(ErrandWorker worker) {
		await().atMost(Duration.ofSeconds(30)).until(worker::isHealthy);
		this.before.insert(TASKS);
		await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(5)).until(() -> this.log.total() > 1000);
	}

	private void assertAllHaveRun() {
		await().atMost(Duration.ofSeconds(60)).until(this.after::isEmpty);
		assertThat(this.log.unfinished(this.before.acknowledged())).isEmpty();
		assertThat(this.log.violations()).as("finished steps that ran again").isEmpty();
	}

	private ErrandWorker worker() {
		// The driver remembers for ten seconds which server was the standby, unless told
		// otherwise.
		String url = "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?targetServerType=primary&hostRecheckSeconds=1"
			.formatted(this.primary.port(), this.standby.port());
		return new ErrandWorker(url, "postgres", SETTINGS, this.log);
	}

}
