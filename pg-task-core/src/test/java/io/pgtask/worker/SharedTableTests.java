package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.WorkerHarness.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a {@link Worker} that is not alone with its table. Its polls are so rare that
 * they explain nothing.
 */
@TaskTableTest
class SharedTableTests {

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withPollInterval(Duration.ofHours(1));

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

	SharedTableTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.harness.start((state, context) -> {
			count(state.name());
			return NextStep.done();
		});
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void aTaskThatASessionHasLockedRunsOnceItIsUnlockedWithoutANotification() throws SQLException {
		UUID locked = this.harness.insertQuietly("Start", "locked");
		try (Connection session = this.database.openConnection(); Statement statement = session.createStatement()) {
			session.setAutoCommit(false);
			statement.execute("SELECT 1 FROM pg_task FOR UPDATE");
			UUID free = this.harness.insertQuietly("Start", "free");
			this.harness.run(SETTINGS);
			await().until(() -> this.harness.isGone(free));
			await().during(Duration.ofMillis(300)).until(() -> !this.runs.containsKey("locked"));
			session.rollback();
		}
		await().until(() -> this.harness.isGone(locked));
		assertThat(this.runs.get("locked")).hasValue(1);
	}

	@Test
	void aTaskThatSomeoneHoldsRunsWhenItsLeaseEndsUnderANewOwner() {
		UUID owner = UUID.randomUUID();
		Set<UUID> owners = ConcurrentHashMap.newKeySet();
		AtomicInteger early = new AtomicInteger();
		UUID id = this.harness.insertLeased("a", owner, Duration.ofMillis(700));
		Instant end = this.harness.leaseEnd(id);
		this.harness.start((state, context) -> {
			early.addAndGet(context.leaseDeadline().isAfter(end.plus(SETTINGS.leaseTimeout())) ? 0 : 1);
			Row row = this.harness.row(context.taskId());
			owners.add(Objects.requireNonNull(row.lockedBy()));
			assertThat(row.delivery()).isEqualTo(2);
			return NextStep.done();
		});
		this.harness.run(SETTINGS);
		await().until(() -> this.harness.isGone(id));
		assertThat(owners).hasSize(1).doesNotContain(owner);
		assertThat(early).as("claims before the end of the lease").hasValue(0);
	}

	@Test
	void startingAnotherWorkerLeavesLivingTasksAlone() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch finish = new CountDownLatch(1);
		this.harness.start((state, context) -> {
			count(state.name());
			running.countDown();
			finish.await();
			return NextStep.done();
		});
		this.harness.run(SETTINGS);
		UUID id = this.harness.insert("Start", "a");
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
		UUID owner = this.harness.row(id).lockedBy();
		Worker other = this.harness.run(SETTINGS);
		UUID probe = this.harness.insert("Middle", "probe");
		await().until(() -> this.harness.isGone(probe) && other.status().sinceContact() != null);
		assertThat(this.harness.row(id).lockedBy()).isEqualTo(owner);
		finish.countDown();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.runs.get("a")).hasValue(1);
	}

	@Test
	void twoWorkersRunEveryTaskOnce() {
		this.harness.insertMany(2000);
		this.harness.run(SETTINGS);
		this.harness.run(SETTINGS);
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.count() == 0);
		assertThat(this.runs).hasSize(2000);
		assertThat(this.runs.values()).allMatch((count) -> count.get() == 1);
	}

	@Test
	void aTaskThatNobodyAnnouncesIsFoundByThePoll() {
		this.harness.run(SETTINGS.withPollInterval(Duration.ofMillis(200)));
		UUID id = this.harness.insertQuietly("Start", "a");
		await().until(() -> this.harness.isGone(id));
	}

	@Test
	void anyOtherPayloadWakesTheWorker() {
		Worker worker = this.harness.run(SETTINGS);
		await().until(() -> worker.status().listening() && worker.status().sinceContact() != null);
		UUID id = this.harness.insertQuietly("Start", "a");
		this.harness.jdbc().sql("NOTIFY pg_task_changed, 'whatever another program says'").update();
		await().until(() -> this.harness.isGone(id));
	}

	@Test
	void aTaskThatCannotBeReadIsParkedAndTheNextOneRuns() {
		this.harness.run(SETTINGS);
		UUID invalid = this.harness.insertText("{\"Journey\":{\"Nowhere\":null}}");
		UUID malformed = this.harness.insertText("no JSON at all");
		UUID next = this.harness.insert("Start", "next");
		await().until(
				() -> this.harness.isGone(next) && this.harness.isParked(invalid) && this.harness.isParked(malformed));
		assertThat(this.harness.row(invalid)).satisfies((row) -> {
			assertThat(row.error()).contains("no step 'Nowhere'");
			assertThat(row.tried()).isZero();
			assertThat(row.lockedBy()).isNull();
		});
		assertThat(this.harness.row(malformed)).satisfies((row) -> {
			assertThat(row.error()).contains("can't deserialize step");
			assertThat(row.tried()).isZero();
			assertThat(row.lockedBy()).isNull();
		});
	}

	@Test
	void aTaskOfATypeThatNobodyKnowsHereIsLeftAlone() {
		UUID stranger = this.harness.insertText("{\"Stranger\":{\"Step\":null}}");
		this.harness.run(SETTINGS);
		UUID known = this.harness.insert("Start", "known");
		await().until(() -> this.harness.isGone(known));
		assertThat(this.harness.row(stranger)).satisfies((row) -> {
			assertThat(row.error()).isNull();
			assertThat(row.lockedBy()).isNull();
			assertThat(row.delivery()).isZero();
		});
	}

	@Test
	void aSecondTaskWaitsForTheOnlySlot() throws Exception {
		CountDownLatch finish = new CountDownLatch(1);
		this.harness.start((state, context) -> {
			count(state.name());
			finish.await();
			return NextStep.done();
		});
		this.harness.run(SETTINGS.withConcurrency(1));
		UUID first = this.harness.insert("Start", "first");
		await().until(() -> this.runs.containsKey("first"));
		UUID second = this.harness.insert("Start", "second");
		await().during(Duration.ofMillis(300)).until(() -> !this.runs.containsKey("second"));
		finish.countDown();
		await().until(() -> this.harness.isGone(first) && this.harness.isGone(second));
	}

	private void count(String name) {
		this.runs.computeIfAbsent(name, (key) -> new AtomicInteger()).incrementAndGet();
	}

}
