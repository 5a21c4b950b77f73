package io.pgtask.outages;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.pgtask.test.InstalledServer;
import io.pgtask.test.TaskSchema;
import io.pgtask.worker.WorkerSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.dao.DataAccessResourceFailureException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The disk of the server is full for a while, that of its tables or that of its log.
 */
@Tag("faults")
class FullDiskTests {

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withPollInterval(Duration.ofSeconds(2))
		.withLease(Duration.ofSeconds(12), Duration.ofSeconds(3));

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	/** The longest pause of the pool between two attempts to connect, and ours. */
	private static final Duration RESUME = Duration.ofSeconds(7);

	private static final int TASKS = 2_000;

	private final ErrandLog log = new ErrandLog(() -> TimeUnit.MILLISECONDS.sleep(5));

	@TempDir
	private Path directory;

	@Test
	void workGoesOnWhenTheDiskOfTheTableHasRoomAgain() throws Exception {
		try (SmallDisk disk = SmallDisk.mount(this.directory, 16);
				InstalledServer server = InstalledServer.create(Map.of("autovacuum", "off"))) {
			ErrandTable table = new ErrandTable(server.dataSource());
			table.jdbc().sql("CREATE TABLESPACE small LOCATION '" + disk.directory("tables") + "'").update();
			table.jdbc().sql("ALTER DATABASE postgres SET default_tablespace = small").update();
			TaskSchema.create(server.dataSource());
			// Pages have no room of their own for what an update writes.
			table.jdbc().sql("ALTER TABLE pg_task SET (fillfactor = 100)").update();
			try (EngineLog lines = EngineLog.open(); ErrandWorker worker = worker(server)) {
				await().atMost(PATIENCE).until(worker::isHealthy);
				table.insert(TASKS);
				disk.fill();
				await().atMost(PATIENCE).until(() -> worker.status().trouble() != null);
				assertThatExceptionOfType(DataAccessResourceFailureException.class)
					.isThrownBy(() -> table.insert(TASKS));
				disk.free();
				assertWorksAgain("disk of the table no longer full", worker, table);
				lines.assertTellsWithoutFlooding();
			}
		}
	}

	@Test
	void workGoesOnWhenAServerThatDiedOfAFullDiskIsStarted() throws Exception {
		Map<String, String> settings = Map.of("restart_after_crash", "off");
		try (SmallDisk disk = SmallDisk.mount(this.directory, 64);
				InstalledServer server = InstalledServer.create(settings, "--wal-segsize=1",
						"--waldir=" + disk.directory("log"))) {
			ErrandTable table = new ErrandTable(server.dataSource());
			TaskSchema.create(server.dataSource());
			try (EngineLog lines = EngineLog.open(); ErrandWorker worker = worker(server)) {
				await().atMost(PATIENCE).until(worker::isHealthy);
				table.insert(TASKS);
				disk.fill();
				await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).ignoreExceptions().until(() -> {
					if (server.isAlive()) {
						writeLog(table);
					}
					return !server.isAlive();
				});
				await().atMost(PATIENCE).until(() -> worker.status().trouble() != null);
				disk.free();
				server.start();
				assertWorksAgain("disk of the log no longer full and server started", worker, table);
				lines.assertTellsWithoutFlooding();
			}
		}
	}

	/** Uses up the room that the log has kept for itself. */
	private void writeLog(ErrandTable table) {
		table.jdbc().sql("SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000))").query().singleRow();
	}

	private void assertWorksAgain(String what, ErrandWorker worker, ErrandTable table) {
		int before = this.log.total();
		Figures.time(what + ", until a step starts", RESUME, () -> this.log.total() > before);
		await().atMost(Duration.ofSeconds(60)).until(table::isEmpty);
		assertThat(this.log.unfinished(table.acknowledged())).isEmpty();
		assertThat(this.log.violations()).as("finished steps that ran again").isEmpty();
		await().atMost(PATIENCE).until(worker::isHealthy);
	}

	private ErrandWorker worker(InstalledServer server) {
		String url = "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(server.port());
		return new ErrandWorker(url, "postgres", SETTINGS, this.log);
	}

}
