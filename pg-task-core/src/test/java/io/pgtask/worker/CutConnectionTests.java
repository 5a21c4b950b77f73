package io.pgtask.worker;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.store.ClaimTokens;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Presence}: a worker under load whose sessions are ended again and
 * again, while another one, which is left alone, looks for dead ones.
 */
@TaskTableTest
@Tag("faults")
class CutConnectionTests {

	private static final String CUT_OFF = "pg-task-cut-off";

	private static final Duration LONG = Duration.ofMinutes(10);

	private static final Duration TIME = Duration.parse(System.getProperty("pgtask.cuts.duration", "PT12S"));

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withLease(LONG, LONG.dividedBy(3));

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final JdbcClient jdbc;

	private final Map<UUID, AtomicInteger> runs = new ConcurrentHashMap<>();

	private final AtomicInteger takenOver = new AtomicInteger();

	CutConnectionTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.jdbc = this.harness.jdbc();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void nothingIsTakenFromALivingWorkerHoweverOftenItsSessionsEnd() throws Exception {
		this.harness.start((state, context) -> {
			this.runs.computeIfAbsent(context.taskId(), (id) -> new AtomicInteger()).incrementAndGet();
			TimeUnit.MILLISECONDS.sleep(300);
			return NextStep.done();
		});
		try (HikariDataSource pool = pool()) {
			Worker cutOff = run(pool);
			// Taken over meanwhile, it shows that somebody looks all the time.
			UUID dead = this.harness.insertLeased("dead",
					ClaimTokens.token(UUID.randomUUID().getMostSignificantBits(), 1, true), LONG);
			run(this.database.createPool(10));
			int cuts = cutForAWhile();
			await().until(() -> this.harness.isGone(dead) && this.harness.count() == 0 && cutOff.status().present());
			assertThat(this.takenOver).as("tasks that were taken over").hasValue(1);
			System.out.printf("%d sessions were ended within %s, and %d tasks run; none was taken over%n", cuts, TIME,
					this.runs.size() - 1);
			assertThat(cuts).isPositive();
		}
	}

	private int cutForAWhile() throws InterruptedException {
		int cuts = 0;
		long end = System.nanoTime() + TIME.toNanos();
		while (System.nanoTime() - end < 0) {
			this.harness.insert("Start", "a");
			cuts += cut();
			TimeUnit.MILLISECONDS.sleep(200);
		}
		return cuts;
	}

	/** Starts a worker that tells what it takes over, and waits until it is present. */
	private Worker run(HikariDataSource pool) {
		Worker worker = this.harness.run(SETTINGS, (builder) -> builder.events(new WorkerEvents() {

			@Override
			public void takenOver(int tasks) {
				CutConnectionTests.this.takenOver.addAndGet(tasks);
			}

		}), pool);
		await().until(() -> worker.status().present());
		return worker;
	}

	private int cut() {
		return this.jdbc.sql("""
				SELECT count(pg_terminate_backend(pid)) FROM (
					SELECT pid FROM pg_stat_activity WHERE application_name = ? ORDER BY random() LIMIT 1) session
				""").param(CUT_OFF).query(Integer.class).single();
	}

	private HikariDataSource pool() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.database.url());
		config.setUsername(this.database.username());
		config.setPassword(this.database.password());
		config.addDataSourceProperty("ApplicationName", CUT_OFF);
		config.setMaximumPoolSize(10);
		return new HikariDataSource(config);
	}

}
