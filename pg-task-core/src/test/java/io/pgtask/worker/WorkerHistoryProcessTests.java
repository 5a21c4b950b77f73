package io.pgtask.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.test.ForkedJvm;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker} with a history in processes that are killed: a task is in the
 * table or in the history, never in both and never in none.
 */
@PostgresTest
@Tag("faults")
@Timeout(180)
class WorkerHistoryProcessTests {

	private static final int TASKS = 6000;

	private static final int KILLS = 3;

	private static final Duration LEASE = Duration.ofSeconds(2);

	/** More than a task is claimed, however often its worker is killed. */
	private static final int MAX_DELIVERIES = 10;

	// One statement reads one snapshot.
	private static final String TASKS_AND_RECORDS = """
			SELECT (SELECT count(*) FROM pg_task) + (SELECT count(*) FROM pg_task_history)""";

	// Whatever a transaction has inserted carries its number, the row of a trigger as
	// well.
	private static final String WITNESS = """
			CREATE TABLE ends (task uuid NOT NULL);
			CREATE FUNCTION witness_end() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				INSERT INTO ends (task) VALUES (OLD.id);
				RETURN NULL;
			END $$;
			CREATE TRIGGER witness_end AFTER DELETE ON pg_task FOR EACH ROW EXECUTE FUNCTION witness_end();
			""";

	private static final String ENDED_WITHOUT_THEIR_RECORD = """
			SELECT count(*) FROM ends e
			WHERE NOT EXISTS (SELECT FROM pg_task_history h WHERE h.id = e.task AND h.xmin = e.xmin)""";

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final AtomicBoolean watching = new AtomicBoolean(true);

	private final AtomicInteger looks = new AtomicInteger();

	private final ExecutorService watcher = Executors.newSingleThreadExecutor();

	@TempDir
	private Path directory;

	WorkerHistoryProcessTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		History.begin(database.dataSource());
		JdbcClient.create(database.dataSource()).sql(WITNESS).update();
	}

	@AfterEach
	void stopWatching() {
		this.watching.set(false);
		this.watcher.shutdown();
	}

	@Test
	void everyTaskOfKilledWorkersIsRecordedOnceInTheTransactionThatEndsIt() throws Exception {
		this.harness.insertMany(TASKS);
		Future<@Nullable Void> watch = this.watcher.submit(this::watch);
		for (int kill = 1; kill <= KILLS; kill++) {
			int enough = records() + TASKS / (KILLS + 2);
			try (ForkedJvm victim = start("victim " + kill)) {
				eventually(victim).until(() -> records() >= enough);
				victim.kill();
			}
			assertThat(this.harness.count()).as("tasks left at kill %d", kill).isPositive();
		}
		try (ForkedJvm survivor = start("survivor")) {
			eventually(survivor).until(() -> this.harness.count() == 0);
		}
		this.watching.set(false);
		watch.get(30, TimeUnit.SECONDS);
		assertThat(this.looks).as("looks at table and history").hasPositiveValue();
		assertThat(records()).isEqualTo(TASKS);
		assertThat(number("SELECT count(DISTINCT id) FROM pg_task_history WHERE outcome = 'DONE'")).isEqualTo(TASKS);
		assertThat(number("SELECT count(*) FROM ends")).isEqualTo(TASKS);
		assertThat(number(ENDED_WITHOUT_THEIR_RECORD)).isZero();
		assertThat(number("SELECT count(*) FROM pg_task_history WHERE jsonb_array_length(passed) <> 2")).isZero();
		assertThat(number("SELECT count(DISTINCT worker) FROM pg_task_history")).isEqualTo(KILLS + 1);
	}

	private @Nullable Void watch() throws InterruptedException {
		while (this.watching.get()) {
			assertThat(number(TASKS_AND_RECORDS)).as("tasks and records").isEqualTo(TASKS);
			this.looks.incrementAndGet();
			TimeUnit.MILLISECONDS.sleep(20);
		}
		return null;
	}

	private int records() {
		return number("SELECT count(*) FROM pg_task_history");
	}

	private int number(String sql) {
		return this.harness.jdbc().sql(sql).query(Integer.class).single();
	}

	private ForkedJvm start(String name) throws Exception {
		return ForkedWorker.startKeepingHistory(name, this.database, 4, LEASE, MAX_DELIVERIES, this.directory);
	}

	private static ConditionFactory eventually(ForkedJvm worker) {
		return await().atMost(Duration.ofSeconds(60))
			.pollInterval(Duration.ofMillis(20))
			.failFast(worker::requireStarted);
	}

}
