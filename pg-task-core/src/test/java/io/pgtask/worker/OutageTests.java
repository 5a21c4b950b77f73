package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.test.EmbeddedServer;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.dao.DataAccessException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: the database goes away and comes back.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutageTests {

	private static final int TASKS = 1_500;

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withConcurrency(8)
		.withPollInterval(Duration.ofSeconds(1))
		.withLease(Duration.ofSeconds(5), Duration.ofSeconds(1));

	private static final WorkerSettings LONG_LEASE = SETTINGS.withLease(Duration.ofSeconds(60), Duration.ofMillis(500));

	/**
	 * How long after the database is back work goes on. The pool alone may take five
	 * seconds, the longest pause between its attempts to connect.
	 */
	private static final Duration RESUME = Duration.ofSeconds(7);

	private final EmbeddedServer server = EmbeddedServer.create();

	private final TestDatabase database = this.server.createDatabase("outage");

	private final WorkerHarness harness = new WorkerHarness(this.database);

	private RunLog log = new RunLog();

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
	void emptyTable() {
		this.harness.jdbc().sql("TRUNCATE pg_task").update();
		this.log = new RunLog();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.server.start();
		this.harness.stopAll();
	}

	@Test
	void everyStepRunsOnceAlthoughTheServerIsRestartedMeanwhile() {
		runUntilHalfDone(LONG_LEASE);
		this.server.stop();
		this.server.start();
		awaitWork();
		awaitEnd();
		assertThat(this.log.violations()).isEmpty();
		assertThat(this.log.repeated()).isEmpty();
		assertThat(this.log.distinct()).isEqualTo(3 * TASKS);
	}

	@Test
	void noFinishedStepRunsAgainAlthoughTheServerCrashesMeanwhile() {
		runUntilHalfDone(LONG_LEASE);
		this.server.crash();
		this.server.start();
		awaitWork();
		awaitEnd();
		assertThat(this.log.violations()).isEmpty();
		// The server may forget a claim, whose commit does not wait for the disk, but
		// only before any transition of the task.
		assertThat(this.log.repeated().values()).allMatch((starts) -> starts == 2);
		assertThat(this.log.repeated().keySet()).allMatch((step) -> step.endsWith(" 1"));
		assertThat(this.log.distinct()).isEqualTo(3 * TASKS);
	}

	@Test
	void everyStepRunsOnceAlthoughAllConnectionsAreCutAgainAndAgain() {
		runUntilHalfDone(SETTINGS);
		AtomicInteger cuts = new AtomicInteger();
		await().pollInterval(Duration.ofMillis(150)).until(() -> {
			this.database.terminateConnections();
			return cuts.incrementAndGet() == 10;
		});
		awaitWork();
		awaitEnd();
		assertThat(this.log.violations()).isEmpty();
		assertThat(this.log.repeated()).isEmpty();
		assertThat(this.log.distinct()).isEqualTo(3 * TASKS);
	}

	@Test
	void whatAStepReturnedDuringAnOutageIsSavedAfterwards() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch finish = new CountDownLatch(1);
		CountDownLatch returned = new CountDownLatch(1);
		AtomicInteger runs = new AtomicInteger();
		this.harness.start((state, context) -> {
			runs.incrementAndGet();
			running.countDown();
			finish.await();
			returned.countDown();
			return NextStep.now(new Journey.Middle(state.name()));
		});
		UUID id = this.harness.insert("Start", "a");
		Worker worker = this.harness.run(LONG_LEASE);
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
		this.server.stop();
		finish.countDown();
		assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
		await().until(() -> worker.status().trouble() != null);
		this.server.start();
		awaitDatabase().until(() -> this.harness.isGone(id));
		assertThat(runs).hasValue(1);
	}

	@Test
	void aStepWhoseLeaseEndsDuringAnOutageIsInterruptedAtOnceAndRunsAgainAfterwards() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		AtomicBoolean cancelled = new AtomicBoolean();
		AtomicReference<Duration> remaining = new AtomicReference<>();
		AtomicInteger deliveries = new AtomicInteger();
		this.harness.start((state, current) -> {
			deliveries.set(current.delivery());
			if (current.delivery() > 1) {
				return NextStep.done();
			}
			running.countDown();
			try {
				TimeUnit.SECONDS.sleep(60);
			}
			catch (InterruptedException ex) {
				cancelled.set(current.isCancelled());
				remaining.set(current.leaseRemaining());
				interrupted.countDown();
			}
			return NextStep.now(new Journey.Middle("must not be saved"));
		});
		UUID id = this.harness.insert("Start", "a");
		this.harness.run(SETTINGS.withLease(Duration.ofSeconds(2), Duration.ofMillis(500)));
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
		this.server.stop();
		assertThat(interrupted.await(4, TimeUnit.SECONDS)).isTrue();
		assertThat(cancelled).isTrue();
		assertThat(remaining.get()).isZero();
		this.server.start();
		awaitDatabase().until(() -> this.harness.isGone(id));
		assertThat(deliveries).hasValue(2);
	}

	@Test
	void anOutageIsLoggedWhenItBeginsAndWhenItEndsAndNotInBetween() throws Exception {
		CountDownLatch running = new CountDownLatch(8);
		CountDownLatch goOn = new CountDownLatch(1);
		this.log.record(this.harness, () -> {
			running.countDown();
			goOn.await();
			TimeUnit.MILLISECONDS.sleep(30);
		});
		this.harness.insertMany(40);
		Worker worker = this.harness.run(LONG_LEASE);
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
		await().until(() -> worker.status().listening());
		try (LogCapture capture = LogCapture.open()) {
			this.server.stop();
			goOn.countDown();
			await().pollDelay(Duration.ofSeconds(3)).until(() -> worker.status().trouble() != null);
			this.server.start();
			awaitEnd();
			await().until(() -> worker.status().listening() && worker.status().trouble() == null);
			await().untilAsserted(() -> assertThat(capture.lines(Level.INFO)).last().asString().contains("again"));
			assertThat(capture.lines(Level.WARN)).hasSizeBetween(1, 4)
				.allMatch((line) -> line.contains("until the database answers"));
			assertThat(capture.counts(5)).allSatisfy((line, count) -> assertThat(count).as(line).isEqualTo(1));
		}
	}

	@Test
	void anIdleWorkerSurvivesAnOutageWithTheThreadsAndConnectionsItHadBefore() throws Exception {
		HikariDataSource pool = this.database.createPool(10);
		Worker worker = this.harness.run(LONG_LEASE, pool);
		UUID before = this.harness.insert("Start", "before");
		await().until(() -> this.harness.isGone(before));
		await().until(() -> worker.status().listening());
		Map<String, Long> threads = engineThreads();
		assertThat(threads.keySet()).containsExactlyInAnyOrder("pg-task-assistant", "pg-task-claimer", "pg-task-keeper",
				"pg-task-listener", "pg-task-watch", "pg-task-writer");
		this.server.crash();
		await().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
		this.server.start();
		UUID after = awaitDatabase().until(() -> this.harness.insert("Start", "after"), Objects::nonNull);
		awaitDatabase().atMost(RESUME).until(() -> this.harness.isGone(after));
		await().until(() -> worker.status().listening());
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
		assertThat(engineThreads()).isEqualTo(threads);
		await().untilAsserted(() -> assertThat(pool.getHikariPoolMXBean().getActiveConnections())
			.isLessThanOrEqualTo(SETTINGS.connections()));
	}

	private void runUntilHalfDone(WorkerSettings settings) {
		this.log.record(this.harness, () -> TimeUnit.MILLISECONDS.sleep(2));
		this.harness.insertMany(TASKS);
		this.harness.run(settings);
		await().pollInterval(Duration.ofMillis(10)).until(() -> this.log.total() > TASKS);
	}

	private void awaitWork() {
		int before = this.log.total();
		awaitDatabase().atMost(RESUME).until(() -> this.log.total() > before || this.harness.count() == 0);
	}

	private void awaitEnd() {
		awaitDatabase().atMost(Duration.ofSeconds(30)).until(() -> this.harness.count() == 0);
	}

	/** The connections that the tests themselves borrow may have been cut as well. */
	private static ConditionFactory awaitDatabase() {
		return await().ignoreExceptionsInstanceOf(DataAccessException.class);
	}

	private static Map<String, Long> engineThreads() {
		List<Thread> threads = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("pg-task-") && !thread.getName().contains("-step-"))
			.toList();
		return threads.stream().collect(Collectors.groupingBy(Thread::getName, Collectors.counting()));
	}

}
