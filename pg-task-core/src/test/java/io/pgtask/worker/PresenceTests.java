package io.pgtask.worker;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.NextStep;
import io.pgtask.store.ClaimTokens;
import io.pgtask.store.PresenceStatements;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Presence} and {@link Observer} within one process. Leases and polls
 * are so long that they explain nothing.
 */
@TaskTableTest
class PresenceTests {

	private static final Duration LONG = Duration.ofMinutes(10);

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withPollInterval(LONG)
		.withLease(LONG, LONG.dividedBy(3))
		.withShutdownTimeout(Duration.ofSeconds(20));

	private final WorkerHarness harness;

	private final TestDatabase database;

	private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

	private final AtomicInteger takenOver = new AtomicInteger();

	private final CountDownLatch finish = new CountDownLatch(1);

	PresenceTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.finish.countDown();
		this.harness.stopAll();
	}

	@Test
	void aWorkerIsPresentFromItsStartUntilItHasStopped() throws Exception {
		Worker worker = start();
		assertThat(sessions(worker.status())).isEqualTo(1);
		WorkerStatus before = worker.status();
		worker.stop().get(20, TimeUnit.SECONDS);
		assertThat(sessions(before)).isZero();
		assertThat(worker.status().present()).isFalse();
	}

	@Test
	void aWorkerThatIsToldNotToIsNotPresentAndTakesNothingOver() {
		UUID dead = leasedByTheDead("a");
		Worker other = this.harness.run(SETTINGS.withPresence(false));
		UUID probe = this.harness.insert("Start", "probe");
		await().until(() -> this.harness.isGone(probe) && other.status().listening());
		assertThat(other.status().present()).isFalse();
		assertThat(other.status().observing()).isFalse();
		start();
		await().until(() -> this.harness.isGone(dead));
	}

	@Test
	void oneWorkerObservesAndAnotherOneGoesOnWhenItStops() throws Exception {
		Worker first = start();
		Worker second = start();
		await().until(() -> first.status().observing() != second.status().observing());
		Worker observer = first.status().observing() ? first : second;
		Worker other = (observer == first) ? second : first;
		observer.stop().get(20, TimeUnit.SECONDS);
		await().until(() -> other.status().observing());
	}

	@Test
	void aWorkerThatStartsFreesWhatTheDeadHaveLeftBehindAndLeavesTheRestToItsLease() {
		UUID dead = leasedByTheDead("dead");
		UUID rust = this.harness.insertLeased("rust", UUID.randomUUID(), LONG);
		UUID unannounced = this.harness.insertLeased("unannounced", ClaimTokens.token(5L << 40, 1, false), LONG);
		AtomicInteger delivery = new AtomicInteger();
		this.harness.start((state, context) -> {
			delivery.set(context.delivery());
			return NextStep.done();
		});
		start();
		await().until(() -> this.harness.isGone(dead));
		assertThat(delivery).as("the dead worker's delivery counts").hasValue(2);
		assertThat(this.harness.row(rust).lockedBy()).isNotNull();
		assertThat(this.harness.row(unannounced).lockedBy()).isNotNull();
		await().until(() -> this.takenOver.get() == 1);
	}

	/** The search for whoever holds claims comes ten seconds after the first one. */
	@Test
	void aWorkerThatDiesRightAfterItHasToldOfItsStartIsMissedLikeAnyOther() {
		UUID searched = leasedByTheDead("found by the first search");
		start();
		await().until(() -> this.harness.isGone(searched));
		// The highest there is: hearing a lower one the worker would leave the search to
		// it.
		long identity = -1;
		UUID dead = this.harness.insertLeased("dead", ClaimTokens.token(identity, 1, true), LONG);
		this.harness.jdbc()
			.sql("SELECT pg_notify(?, to_regclass('pg_task')::oid || ' ' || ?)")
			.params(PresenceStatements.CHANNEL, ClaimTokens.name(identity))
			.query()
			.singleRow();
		await().atMost(Duration.ofSeconds(8)).until(() -> this.harness.isGone(dead));
	}

	@Test
	void aStepWhoseWorkersDieTooOftenIsParked() {
		UUID id = leasedByTheDead("a");
		this.harness.jdbc().sql("UPDATE pg_task SET delivery = ?").param(SETTINGS.maxDeliveries()).update();
		start();
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).contains("ended without an outcome");
	}

	@Test
	void aWorkerThatStopsIsPresentForAsLongAsItsStepsRun() throws Exception {
		countAndWait();
		Worker worker = start();
		WorkerStatus before = worker.status();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.runs.containsKey("a"));
		var stopped = worker.stop();
		await().until(() -> worker.status().state() == WorkerStatus.State.STOPPING);
		await().during(Duration.ofSeconds(1)).until(() -> sessions(before) == 1);
		this.finish.countDown();
		stopped.get(20, TimeUnit.SECONDS);
		assertThat(sessions(before)).isZero();
		assertThat(this.harness.isGone(id)).isTrue();
	}

	@Test
	void aWorkerThatIsCutOffForTooLongIsFencedOutAndItsWritesChangeNothing() throws Exception {
		CountDownLatch interrupted = new CountDownLatch(1);
		CountDownLatch elsewhere = new CountDownLatch(1);
		this.harness.start((state, context) -> {
			count(state.name());
			if (context.delivery() > 1) {
				elsewhere.countDown();
				this.finish.await();
				return NextStep.now(new Journey.End("by the other"));
			}
			try {
				this.finish.await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
			return NextStep.now(new Journey.End("by the one that was cut off"));
		}).end((state, context) -> {
			count(state.name());
			return NextStep.done();
		});
		UnreliableDataSource dataSource = new UnreliableDataSource(this.database.createPool(10));
		Worker cutOff = this.harness.run(SETTINGS, dataSource);
		await().until(() -> cutOff.status().present());
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.runs.containsKey("a"));
		start();
		dataSource.failFor(UnreliableDataSource.LISTENER, "08001");
		endSession(cutOff);
		assertThat(elsewhere.await(30, TimeUnit.SECONDS)).isTrue();
		assertThat(interrupted.await(30, TimeUnit.SECONDS)).as("the step is interrupted").isTrue();
		this.finish.countDown();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.runs.keySet()).containsExactlyInAnyOrder("a", "by the other");
		assertThat(this.takenOver).hasValue(1);
		dataSource.recover(UnreliableDataSource.LISTENER);
		await().until(() -> cutOff.status().present());
	}

	@Test
	void aWorkerThatIsCutOffWorksOnWithLeasesAlone() throws Exception {
		countAndWait();
		UnreliableDataSource dataSource = new UnreliableDataSource(this.database.createPool(10));
		Worker cutOff = this.harness.run(SETTINGS.withPollInterval(Duration.ofMillis(200)), dataSource);
		await().until(() -> cutOff.status().present());
		dataSource.failFor(UnreliableDataSource.LISTENER, "53300");
		endSession(cutOff);
		await().until(() -> !cutOff.status().present());
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.runs.containsKey("a"));
		assertThat(Objects.requireNonNull(this.harness.row(id).lockedBy())).isNotNull()
			.matches((token) -> !ClaimTokens.isAnnounced(token), "left to its lease");
		UUID dead = leasedByTheDead("mark");
		start();
		await().until(() -> this.runs.containsKey("mark"));
		assertThat(this.harness.row(id).delivery()).isEqualTo(1);
		this.finish.countDown();
		await().until(() -> this.harness.isGone(id) && this.harness.isGone(dead));
		assertThat(this.runs.get("a")).hasValue(1);
	}

	private void countAndWait() {
		this.harness.start((state, context) -> {
			count(state.name());
			this.finish.await();
			return NextStep.done();
		});
	}

	private void count(String name) {
		this.runs.computeIfAbsent(name, (key) -> new AtomicInteger()).incrementAndGet();
	}

	/** Starts a worker that tells what it takes over, and waits until it is present. */
	private Worker start() {
		Worker worker = this.harness.run(SETTINGS, (builder) -> builder.events(new WorkerEvents() {

			@Override
			public void takenOver(int tasks) {
				PresenceTests.this.takenOver.addAndGet(tasks);
			}

		}));
		await().until(() -> worker.status().present());
		return worker;
	}

	private UUID leasedByTheDead(String name) {
		return this.harness.insertLeased(name, ClaimTokens.token(UUID.randomUUID().getMostSignificantBits(), 1, true),
				LONG);
	}

	private void endSession(Worker worker) {
		this.harness.jdbc()
			.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND objid = ?")
			.param(key(worker.status()))
			.query()
			.singleRow();
	}

	private int sessions(WorkerStatus status) {
		return this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ?")
			.param(key(status))
			.query(Integer.class)
			.single();
	}

	private static long key(WorkerStatus status) {
		return Long.parseLong(Objects.requireNonNull(status.workerId()).substring(0, 8), 16);
	}

}
