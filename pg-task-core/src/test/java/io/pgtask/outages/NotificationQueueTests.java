package io.pgtask.outages;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

import io.pgtask.codec.StepCodec;
import io.pgtask.store.ClaimTokens;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
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
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * The server's queue of notifications is full, because somebody who listens has been in a
 * transaction for too long.
 */
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotificationQueueTests {

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withPollInterval(Duration.ofSeconds(1))
		.withLease(Duration.ofSeconds(4), Duration.ofSeconds(1));

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final int TASKS = 100;

	private final EmbeddedServer server = EmbeddedServer.create(Map.of("lc_messages", "C"));

	private TestDatabase database;

	private ErrandTable table;

	private Connection sleeper;

	private volatile boolean failing;

	private volatile CountDownLatch goOn = new CountDownLatch(0);

	private ErrandLog log;

	@BeforeAll
	void makeTheQueueSmall() throws SQLException {
		try (TestDatabase any = this.server.createDatabase("version"); Connection connection = any.openConnection()) {
			assumeThat(connection.getMetaData().getDatabaseMajorVersion())
				.as("the version of the server, whose queue has 8 GB before 17")
				.isGreaterThanOrEqualTo(17);
			execute(connection, "ALTER SYSTEM SET max_notify_queue_pages = 64");
		}
		this.server.stop();
		this.server.start();
	}

	@AfterAll
	void closeServer() {
		this.server.close();
	}

	@BeforeEach
	void createDatabase() throws SQLException {
		this.failing = false;
		this.log = new ErrandLog(() -> {
			this.goOn.await();
			if (this.failing) {
				throw new IllegalStateException("asked for");
			}
		});
		this.database = this.server.createDatabase("queue");
		this.table = new ErrandTable(this.database.dataSource());
		this.sleeper = this.database.openConnection();
		execute(this.sleeper, "LISTEN anything");
	}

	@AfterEach
	void closeDatabase() throws SQLException {
		this.sleeper.close();
		this.database.close();
	}

	@Test
	void aFullQueueOfNotificationsStopsNoTask() throws Exception {
		TaskSchema.create(this.database.dataSource());
		try (EngineLog lines = EngineLog.open();
				ErrandWorker worker = worker();
				Wakeups wakeups = new Wakeups(this.database.dataSource())) {
			fill();
			JdbcTaskClient client = new JdbcTaskClient(this.database.dataSource(), TaskTable.inSearchPath(),
					new StepCodec(JsonMapper.builder().build(), this.log.registry()), List.of(), wakeups);
			List<UUID> tasks = new ArrayList<>();
			for (int number = 0; number < TASKS; number++) {
				tasks.add(client.enqueue(new Errand.First(number)));
			}
			awaitEmptyTable();
			assertThat(this.log.unfinished(tasks)).isEmpty();
			assertThat(this.log.repeated()).isEmpty();
			assertThat(worker.status().trouble()).isNull();
			await().atMost(PATIENCE).until(() -> !lines.lines().isEmpty());
			lines.assertTellsWithoutFlooding();
			assertThat(lines.lines()).anyMatch((line) -> line.contains("The notifier of other nodes cannot work"));
		}
	}

	@Test
	void whatIsInsertedParkedAndResumedIsSavedAlthoughNobodyCanBeTold() throws Exception {
		TaskSchema.create(this.database.dataSource());
		try (ErrandWorker worker = worker()) {
			fill();
			this.failing = true;
			int tasks = this.table.insert(10).size();
			await().atMost(PATIENCE)
				.until(() -> update("UPDATE pg_task SET priority = priority WHERE error IS NOT NULL") == tasks);
			assertThat(this.log.repeated()).isEmpty();
			assertThat(worker.status().trouble()).isNull();
			this.failing = false;
			update("INSERT INTO pg_task_paused (task) VALUES ('Errand')");
			update("UPDATE pg_task SET error = NULL");
			update("DELETE FROM pg_task_paused");
			assertEachHasRun();
		}
	}

	@Test
	void theTasksOfADeadWorkerAreTakenOverAlthoughNobodyCanBeTold() throws Exception {
		TaskSchema.create(this.database.dataSource());
		fill();
		UUID dead = ClaimTokens.token(UUID.randomUUID().getMostSignificantBits(), 1, true);
		this.table.insert(1);
		update("UPDATE pg_task SET lock_expires_at = now() + interval '1 hour', locked_by = '" + dead + "'");
		try (ErrandWorker worker = worker()) {
			assertEachHasRun();
			assertThat(worker.status().trouble()).isNull();
		}
	}

	@Test
	void aTableSharedWithRustWaitsForRoomAndLosesNothing() throws Exception {
		TaskSchema.create(this.database.dataSource(), TaskTable.inSearchPath(), true);
		try (EngineLog lines = EngineLog.open(); ErrandWorker worker = worker()) {
			int before = this.log.total();
			this.goOn = new CountDownLatch(1);
			try {
				this.table.insert(TASKS);
				await().atMost(PATIENCE).until(() -> this.log.total() > before);
				fill();
			}
			finally {
				this.goOn.countDown();
			}
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> this.table.insert(1))
				.withStackTraceContaining("NOTIFY queue");
			await().atMost(PATIENCE).until(() -> worker.status().trouble() != null);
			this.sleeper.rollback();
			await().atMost(PATIENCE).ignoreExceptions().until(() -> this.table.insert(TASKS).size() == TASKS);
			assertEachHasRun();
			await().atMost(PATIENCE).until(worker::isHealthy);
			lines.assertTellsWithoutFlooding();
		}
	}

	private void assertEachHasRun() {
		awaitEmptyTable();
		assertThat(this.log.unfinished(this.table.acknowledged())).isEmpty();
		assertThat(this.log.violations()).as("finished steps that ran again").isEmpty();
	}

	private void awaitEmptyTable() {
		await().atMost(PATIENCE).until(this.table::isEmpty);
	}

	private ErrandWorker worker() {
		ErrandWorker worker = new ErrandWorker(this.database.url(), this.database.username(), SETTINGS, this.log);
		await().atMost(PATIENCE).until(worker::isHealthy);
		return worker;
	}

	/** Fills the queue while the sleeper keeps everything in it. */
	private void fill() throws SQLException {
		this.sleeper.setAutoCommit(false);
		execute(this.sleeper, "SELECT 1");
		try (Connection connection = this.database.openConnection()) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> {
				while (true) {
					execute(connection,
							"SELECT pg_notify('anything', repeat(n::text, 1500)) FROM generate_series(1, 10) n");
				}
			}).withMessageContaining("NOTIFY queue");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(connection, "NOTIFY anything"))
				.withMessageContaining("NOTIFY queue");
		}
	}

	private int update(String sql) {
		return this.table.jdbc().sql(sql).update();
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
