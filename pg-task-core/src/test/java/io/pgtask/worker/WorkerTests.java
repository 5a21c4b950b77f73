package io.pgtask.worker;

import java.io.IOException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.WorkerHarness.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: tasks from their row to their end.
 */
@TaskTableTest
class WorkerTests {

	private final WorkerHarness harness;

	private @Nullable Worker worker;

	WorkerTests(TestDatabase database) {
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void stopWorker() throws Exception {
		if (this.worker != null) {
			this.worker.stop().get(20, TimeUnit.SECONDS);
		}
	}

	@Test
	void aTaskGoesThroughItsStepsAndItsRowIsDeleted() {
		List<String> ran = new CopyOnWriteArrayList<>();
		this.harness.start((state, context) -> {
			ran.add("start " + state.name());
			return NextStep.now(new Journey.Middle(state.name() + "!"));
		}).middle((state, context) -> {
			ran.add("middle " + state.name());
			return NextStep.delay(new Journey.End(state.name() + "!"), Duration.ofMillis(50));
		}).end((state, context) -> {
			ran.add("end " + state.name());
			return NextStep.done();
		});
		UUID id = this.harness.insert("Start", "a");
		start();
		await().until(() -> this.harness.isGone(id));
		assertThat(ran).containsExactly("start a", "middle a!", "end a!!");
	}

	@Test
	void aTaskInsertedWhileTheWorkerIsIdleStartsAtOnce() {
		start();
		UUID warmUp = this.harness.insert("Start", "warm-up");
		await().until(() -> this.harness.isGone(warmUp));
		Instant inserted = Instant.now();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(Duration.between(inserted, Instant.now())).isLessThan(Duration.ofSeconds(2));
	}

	@Test
	void aTaskOfTheFutureStartsWhenItIsDueAndNotBefore() {
		AtomicInteger early = new AtomicInteger();
		this.harness.start((state, context) -> {
			early.addAndGet(this.harness.jdbc()
				.sql("SELECT count(*) FROM pg_task WHERE wakeup_at > clock_timestamp()")
				.query(Integer.class)
				.single());
			return NextStep.done();
		});
		start();
		UUID id = this.harness.jdbc().sql("""
				INSERT INTO pg_task (step, wakeup_at, quiet)
				VALUES ('{"Journey":{"Start":{"name":"a"}}}', statement_timestamp() + interval '400 ms', true)
				RETURNING id
				""").query(UUID.class).single();
		this.worker().wake();
		await().until(() -> this.harness.isGone(id));
		assertThat(early).hasValue(0);
	}

	@Test
	void aStepIsRetriedAndTheTaskParkedWhenNoRetryIsLeft() {
		AtomicInteger attempts = new AtomicInteger();
		this.harness.retry(2, Duration.ofMillis(20)).start((state, context) -> {
			assertThat(context.attempt()).isEqualTo(attempts.incrementAndGet());
			throw new IllegalStateException("no luck", new IOException("disk on fire"));
		});
		UUID id = this.harness.insert("Start", "a");
		start();
		await().until(() -> this.harness.isParked(id));
		Row row = this.harness.row(id);
		assertThat(attempts).hasValue(3);
		assertThat(row.tried()).isEqualTo(3);
		assertThat(row.error())
			.isEqualTo("java.lang.IllegalStateException: no luck: java.io.IOException: disk on fire");
		assertThat(row.lockedBy()).isNull();
		assertThat(row.parked()).isTrue();
	}

	@Test
	void clearingTheErrorStartsTheStepAnewWithAllItsRetries() {
		AtomicInteger attempts = new AtomicInteger();
		this.harness.retry(1, Duration.ofMillis(10)).start((state, context) -> {
			if (attempts.incrementAndGet() < 4) {
				throw new IllegalStateException("still broken");
			}
			return NextStep.done();
		});
		UUID id = this.harness.insert("Start", "a");
		start();
		await().until(() -> this.harness.isParked(id));
		this.harness.jdbc().sql("UPDATE pg_task SET error = NULL").update();
		await().until(() -> this.harness.isGone(id));
		assertThat(attempts).hasValue(4);
	}

	@Test
	void everyTaskOfABacklogRunsOnce() {
		Set<String> names = ConcurrentHashMap.newKeySet();
		AtomicInteger runs = new AtomicInteger();
		this.harness.start((state, context) -> {
			runs.incrementAndGet();
			names.add(state.name());
			return NextStep.done();
		});
		this.harness.insertMany(20_000);
		start();
		await().atMost(Duration.ofSeconds(60)).until(() -> this.harness.count() == 0);
		assertThat(names).hasSize(20_000);
		assertThat(runs).hasValue(20_000);
	}

	@Test
	void noMoreStepsRunAtOnceThanThereAreSlots() {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		this.harness.start((state, context) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			TimeUnit.MILLISECONDS.sleep(20);
			running.decrementAndGet();
			return NextStep.done();
		});
		this.harness.insertMany(60);
		start();
		await().until(() -> this.harness.count() == 0);
		assertThat(most).hasValue(4);
	}

	@Test
	void theLeaseOfALongStepIsRenewed() throws Exception {
		CountDownLatch finish = new CountDownLatch(1);
		AtomicInteger runs = new AtomicInteger();
		this.harness.start((state, context) -> {
			runs.incrementAndGet();
			finish.await();
			return NextStep.done();
		});
		UUID id = this.harness.insert("Start", "a");
		start();
		Instant first = await().until(() -> leaseEnd(id), (end) -> end.isAfter(Instant.EPOCH));
		await().until(() -> leaseEnd(id).isAfter(first.plusSeconds(2)));
		finish.countDown();
		await().until(() -> this.harness.isGone(id));
		assertThat(runs).hasValue(1);
	}

	@Test
	void stoppingWaitsForRunningStepsAndGivesBackWhatHasNotStarted() throws Exception {
		CountDownLatch running = new CountDownLatch(4);
		CountDownLatch finish = new CountDownLatch(1);
		this.harness.start((state, context) -> {
			running.countDown();
			finish.await();
			return NextStep.now(new Journey.Middle(state.name()));
		});
		this.harness.insertMany(10);
		start();
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
		var stopped = worker().stop();
		assertThat(stopped).isNotDone();
		finish.countDown();
		stopped.get(10, TimeUnit.SECONDS);
		assertThat(this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE locked_by IS NOT NULL OR wakeup_at > statement_timestamp()")
			.query(Integer.class)
			.single()).isZero();
		assertThat(this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE step LIKE '%Middle%' AND delivery = 0")
			.query(Integer.class)
			.single()).isEqualTo(4);
		assertThat(this.harness.count()).isEqualTo(10);
	}

	@Test
	void aStoppedWorkerCanBeStartedAgain() throws Exception {
		start();
		worker().stop().get(10, TimeUnit.SECONDS);
		UUID id = this.harness.insert("Start", "a");
		worker().start();
		await().until(() -> this.harness.isGone(id));
	}

	@Test
	void stopWorkerStopsEveryListeningWorker() {
		start();
		await().until(() -> worker().status().listening());
		this.harness.jdbc().sql("SELECT pg_notify('pg_task_changed', 'stop_worker')").query().singleRow();
		await().until(() -> !worker().isRunning());
	}

	private Instant leaseEnd(UUID id) {
		return this.harness.jdbc()
			.sql("SELECT lock_expires_at FROM pg_task WHERE id = ? AND locked_by IS NOT NULL")
			.param(id)
			.query(Timestamp.class)
			.optional()
			.map(Timestamp::toInstant)
			.orElse(Instant.EPOCH);
	}

	private void start() {
		this.worker = this.harness.worker();
		this.worker.start();
	}

	private Worker worker() {
		assertThat(this.worker).isNotNull();
		return this.worker;
	}

}
