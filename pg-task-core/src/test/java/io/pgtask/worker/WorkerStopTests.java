package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.WorkerHarness.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.UnreliableDataSource.CLAIMER;
import static io.pgtask.worker.UnreliableDataSource.KEEPER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker#stop()}, and for what is left behind by it.
 */
@TaskTableTest
class WorkerStopTests {

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withLease(Duration.ofMillis(1200),
			Duration.ofMillis(300));

	/**
	 * So long that the claim's network timeout, a quarter of it, outlasts a slow claim.
	 */
	private static final Duration PATIENT_LEASE = Duration.ofSeconds(8);

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final CountDownLatch running = new CountDownLatch(1);

	private final CountDownLatch finish = new CountDownLatch(1);

	private final AtomicBoolean interrupted = new AtomicBoolean();

	WorkerStopTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.dataSource = new UnreliableDataSource(database.createPool(10));
		this.harness.start((state, context) -> {
			awaitFinish();
			return NextStep.done();
		});
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.finish.countDown();
		this.harness.stopAll();
	}

	@Test
	void anIdleWorkerStopsAtOnce() {
		Worker worker = this.harness.run(SETTINGS.withPollInterval(Duration.ofHours(1)));
		await().until(() -> worker.status().sinceContact() != null && worker.status().listening());
		assertThat(worker.stop()).succeedsWithin(Duration.ofSeconds(5));
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPED);
	}

	@Test
	void aRunningStepIsWaitedForAndItsLeaseStillRenewed() throws Exception {
		Worker worker = this.harness.run(SETTINGS);
		UUID id = insertAndAwaitRunning();
		CompletableFuture<Void> stopped = worker.stop();
		Instant atStop = this.harness.leaseEnd(id);
		await().until(() -> this.harness.leaseEnd(id).isAfter(atStop.plus(SETTINGS.leaseTimeout())));
		assertThat(stopped).isNotDone();
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPING);
		this.finish.countDown();
		stopped.get(10, TimeUnit.SECONDS);
		assertThat(this.harness.isGone(id)).isTrue();
	}

	@Test
	void nothingMoreIsClaimedByAWorkerThatStops() throws Exception {
		Worker worker = this.harness.run(SETTINGS);
		insertAndAwaitRunning();
		CompletableFuture<Void> stopped = worker.stop();
		UUID late = this.harness.insert("Middle", "late");
		await().during(Duration.ofMillis(300)).until(() -> this.harness.row(late).lockedBy() == null);
		this.finish.countDown();
		stopped.get(10, TimeUnit.SECONDS);
		assertThat(this.harness.row(late).delivery()).isZero();
	}

	@Test
	void aStepThatFailsWhileTheWorkerStopsIsRetriedLater() throws Exception {
		this.harness.retry(1, Duration.ofHours(1)).start((state, context) -> {
			awaitFinish();
			throw new IllegalStateException("at the last moment");
		});
		Worker worker = this.harness.run(SETTINGS);
		UUID id = insertAndAwaitRunning();
		CompletableFuture<Void> stopped = worker.stop();
		this.finish.countDown();
		stopped.get(10, TimeUnit.SECONDS);
		Row row = this.harness.row(id);
		assertThat(row.tried()).isEqualTo(1);
		assertThat(row.lastError()).contains("at the last moment");
		assertThat(row.lockedBy()).isNull();
		assertThat(row.error()).isNull();
	}

	@Test
	void aLeaseThatIsLostWhileTheWorkerStopsEndsItsStep() throws Exception {
		Worker worker = this.harness.run(SETTINGS);
		UUID id = insertAndAwaitRunning();
		CompletableFuture<Void> stopped = worker.stop();
		this.harness.jdbc().sql("DELETE FROM pg_task WHERE id = ?").param(id).update();
		stopped.get(10, TimeUnit.SECONDS);
		assertThat(this.interrupted).isTrue();
	}

	@Test
	void aLeaseThatCannotBeRenewedWhileTheWorkerStopsEndsItsStep() throws Exception {
		Worker worker = this.harness.run(SETTINGS.withShutdownTimeout(Duration.ofSeconds(15)), this.dataSource);
		UUID id = insertAndAwaitRunning();
		CompletableFuture<Void> stopped = worker.stop();
		this.dataSource.failFor(KEEPER, "08006");
		stopped.get(10, TimeUnit.SECONDS);
		assertThat(this.interrupted).isTrue();
		assertThat(this.harness.row(id).delivery()).isEqualTo(1);
	}

	@Test
	void aStepThatOutlastsTheShutdownTimeoutIsInterruptedAndItsTaskGivenBack() throws Exception {
		Worker worker = this.harness.run(SETTINGS.withShutdownTimeout(Duration.ofMillis(100)));
		UUID id = insertAndAwaitRunning();
		worker.stop().get(10, TimeUnit.SECONDS);
		assertThat(this.interrupted).isTrue();
		Row row = this.harness.row(id);
		assertThat(row.lockedBy()).isNull();
		assertThat(row.tried()).isZero();
		assertThat(row.delivery()).isZero();
	}

	@Test
	void whatAStoppingWorkerWasAboutToClaimIsGivenBack() throws Exception {
		this.harness.jdbc().sql("""
				CREATE OR REPLACE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					PERFORM pg_sleep(0.5);
					RETURN NEW;
				END $$
				""").update();
		this.harness.jdbc().sql("""
				CREATE TRIGGER linger BEFORE UPDATE ON pg_task FOR EACH ROW
				WHEN (OLD.locked_by IS NULL AND NEW.locked_by IS NOT NULL) EXECUTE FUNCTION linger()
				""").update();
		try {
			UUID id = this.harness.insertQuietly("Start", "a");
			Worker worker = this.harness.run(SETTINGS.withLease(PATIENT_LEASE, Duration.ofSeconds(2)));
			await().until(() -> this.harness.jdbc()
				.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
				.query(Integer.class)
				.single() == 1);
			worker.stop().get(10, TimeUnit.SECONDS);
			assertThat(this.running.getCount()).as("the step has not run").isEqualTo(1);
			assertThat(this.harness.row(id)).satisfies((row) -> {
				assertThat(row.lockedBy()).isNull();
				assertThat(row.delivery()).isZero();
			});
		}
		finally {
			this.harness.jdbc().sql("DROP TRIGGER linger ON pg_task").update();
		}
	}

	@Test
	void aPausedWorkerStops() {
		this.dataSource.failFor(CLAIMER, "08001");
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		await().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
		assertThat(worker.stop()).succeedsWithin(Duration.ofSeconds(5));
	}

	@Test
	void stopWorkerStopsAWorkerThatCannotClaim() {
		this.dataSource.failFor(CLAIMER, "42P01");
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		await().until(() -> worker.status().state() == WorkerStatus.State.PAUSED && worker.status().listening());
		this.harness.jdbc().sql("NOTIFY pg_task_changed, 'stop_worker'").update();
		await().until(() -> !worker.isRunning());
	}

	@Test
	void stopWorkerLetsRunningStepsFinish() {
		Worker worker = this.harness.run(SETTINGS);
		await().until(() -> worker.status().listening());
		UUID id = insertAndAwaitRunning();
		this.harness.jdbc().sql("NOTIFY pg_task_changed, 'stop_worker'").update();
		await().until(() -> worker.status().state() == WorkerStatus.State.STOPPING);
		assertThat(isAnyLeaseAlive()).as("how to watch it from SQL").isTrue();
		this.finish.countDown();
		await().until(() -> !isAnyLeaseAlive());
		await().until(() -> !worker.isRunning());
		assertThat(this.harness.isGone(id)).isTrue();
		assertThat(this.interrupted).isFalse();
	}

	@Test
	void aWorkerThatDoesNotHonourStopWorkerGoesOn() {
		Worker worker = this.harness.run(SETTINGS.withHonourStopWorker(false));
		await().until(() -> worker.status().listening());
		this.harness.jdbc().sql("NOTIFY pg_task_changed, 'stop_worker'").update();
		UUID id = this.harness.insert("Middle", "after");
		await().until(() -> this.harness.isGone(id));
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
	}

	@Test
	void aWorkerWhosePoolWasClosedStops() {
		HikariDataSource pool = this.database.createPool(6);
		Worker worker = this.harness.run(SETTINGS, pool);
		await().until(() -> worker.status().sinceContact() != null && worker.status().listening());
		pool.close();
		await().until(() -> !worker.status().listening());
		assertThat(worker.stop()).succeedsWithin(Duration.ofSeconds(15));
	}

	@Test
	void aSecondRunNeitherRenewsNorTakesWhatTheFirstLeftBehind() throws Exception {
		Worker worker = this.harness.run(SETTINGS);
		long first = HexFormat.fromHexDigitsToLong(Objects.requireNonNull(worker.status().workerId()));
		worker.stop().get(10, TimeUnit.SECONDS);
		UUID leftBehind = this.harness.insertLeased("left behind", new UUID(first, 0), Duration.ofSeconds(2));
		Instant end = this.harness.leaseEnd(leftBehind);
		worker.start();
		long second = HexFormat.fromHexDigitsToLong(Objects.requireNonNull(worker.status().workerId()));
		assertThat(second).isNotEqualTo(first);
		UUID own = insertAndAwaitRunning();
		Instant ownEnd = this.harness.leaseEnd(own);
		await().until(() -> this.harness.leaseEnd(own).isAfter(ownEnd));
		assertThat(this.harness.row(leftBehind).lockedBy()).isEqualTo(new UUID(first, 0));
		assertThat(this.harness.leaseEnd(leftBehind)).isEqualTo(end);
		await().until(() -> {
			UUID owner = this.harness.row(leftBehind).lockedBy();
			return owner != null && owner.getMostSignificantBits() == second;
		});
		assertThat(this.harness.leaseEnd(leftBehind)).isAfter(end);
	}

	private boolean isAnyLeaseAlive() {
		return this.harness.jdbc()
			.sql("SELECT EXISTS(SELECT 1 FROM pg_task WHERE lock_expires_at > now())")
			.query(Boolean.class)
			.single();
	}

	private UUID insertAndAwaitRunning() {
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.running.getCount() == 0);
		return id;
	}

	private void awaitFinish() throws InterruptedException {
		this.running.countDown();
		try {
			this.finish.await();
		}
		catch (InterruptedException ex) {
			this.interrupted.set(true);
			throw ex;
		}
	}

}
