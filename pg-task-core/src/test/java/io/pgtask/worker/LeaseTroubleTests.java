package io.pgtask.worker;

import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.UnreliableDataSource.CLAIMER;
import static io.pgtask.worker.UnreliableDataSource.KEEPER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a {@link Worker} that cannot renew its leases, or cannot claim, or both.
 */
@TaskTableTest
class LeaseTroubleTests {

	/** Of a lease of four seconds, the second half is left when it is renewed. */
	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withLease(Duration.ofSeconds(4),
			Duration.ofMillis(1500));

	private static final WorkerSettings SHORT_LEASE = WorkerHarness.QUICK.withLease(Duration.ofSeconds(2),
			Duration.ofMillis(500));

	private static final Duration MOMENT = Duration.ofMillis(300);

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final LongStep step = new LongStep();

	LeaseTroubleTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).start(this.step);
		this.dataSource = new UnreliableDataSource(database.createPool(10));
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.step.finish();
		this.dataSource.recover(KEEPER);
		this.dataSource.recover(CLAIMER);
		this.harness.stopAll();
	}

	@Test
	void nothingIsClaimedWhileLeasesCannotBeRenewed() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		UUID running = run("running");
		this.dataSource.failFor(KEEPER, () -> new SQLTransientConnectionException("no connection to give"));
		await().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
		assertThat(worker.status().trouble()).contains("no connection to give");
		assertNotClaimed("waiting");
		Instant end = this.harness.leaseEnd(running);
		this.dataSource.recover(KEEPER);
		await().until(() -> this.step.runs("waiting") == 1);
		await().until(() -> end.isBefore(this.harness.leaseEnd(running)));
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
		assertThat(worker.status().trouble()).isNull();
		assertThat(this.step.interrupted()).isEmpty();
	}

	@Test
	void claimingGoesOnWhenWhatCouldNotBeRenewedHasEnded() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		UUID running = run("running");
		this.dataSource.failFor(KEEPER, "08006");
		await().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
		this.step.finish();
		await().until(() -> this.harness.isGone(running));
		UUID next = assertNotClaimed("next");
		this.dataSource.recover(KEEPER);
		await().until(() -> this.harness.isGone(next));
	}

	@Test
	void aStepWhoseLeaseCannotBeRenewedInTimeIsInterruptedAndRunsAgain() {
		this.harness.run(SHORT_LEASE, this.dataSource);
		UUID id = run("a");
		this.dataSource.failFor(KEEPER, "08006");
		await().untilAsserted(() -> assertThat(this.step.interrupted()).containsExactly("a"));
		this.dataSource.recover(KEEPER);
		await().until(() -> this.step.runs("a") == 2);
		assertThat(this.harness.row(id)).satisfies((row) -> {
			assertThat(row.tried()).as("an interruption is no failure of the step").isZero();
			assertThat(row.delivery()).isEqualTo(2);
		});
		this.step.finish();
		await().until(() -> this.harness.isGone(id));
	}

	@Test
	void aLeaseEndsInTimeWhileTheClaimerWaitsForTheDatabase() {
		Worker worker = this.harness.run(SHORT_LEASE, this.dataSource);
		UUID id = run("a");
		Instant end = this.harness.leaseEnd(id);
		this.dataSource.failFor(CLAIMER, "08006");
		this.dataSource.failFor(KEEPER, "08006");
		worker.wake();
		await().untilAsserted(() -> assertThat(this.step.interrupted()).containsExactly("a"));
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.PAUSED);
		assertThat(this.harness.leaseEnd(id)).isEqualTo(end);
		assertThat(this.harness.row(id).leased()).as("interrupted when its lease is over, not before").isFalse();
	}

	@Test
	void leasesAreRenewedAgainWhileTheClaimerStillWaitsForTheDatabase() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		UUID running = run("running");
		this.dataSource.failFor(CLAIMER, "08006");
		this.dataSource.failFor(KEEPER, "08006");
		worker.wake();
		int tried = this.dataSource.statements(KEEPER);
		await().until(() -> this.dataSource.statements(KEEPER) > tried);
		Instant end = this.harness.leaseEnd(running);
		this.dataSource.recover(KEEPER);
		await().until(() -> end.isBefore(this.harness.leaseEnd(running)));
		assertNotClaimed("waiting");
		this.dataSource.recover(CLAIMER);
		await().until(() -> this.step.runs("waiting") == 1);
		assertThat(this.step.interrupted()).isEmpty();
	}

	@Test
	void nothingIsClaimedByAClaimerThatRecoversBeforeTheLeaseKeeper() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		run("running");
		this.dataSource.failFor(CLAIMER, "08006");
		this.dataSource.failFor(KEEPER, "08006");
		worker.wake();
		int tried = this.dataSource.statements(KEEPER);
		await().until(() -> this.dataSource.statements(KEEPER) > tried);
		this.dataSource.recover(CLAIMER);
		assertNotClaimed("waiting");
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.PAUSED);
		this.dataSource.recover(KEEPER);
		await().until(() -> this.step.runs("waiting") == 1);
	}

	private UUID run(String name) {
		UUID id = this.harness.insert("Start", name);
		await().until(() -> this.step.runs(name) == 1);
		return id;
	}

	private UUID assertNotClaimed(String name) {
		UUID id = this.harness.insert("Start", name);
		await().during(MOMENT).until(() -> this.harness.row(id).lockedBy() == null);
		assertThat(this.step.runs(name)).isZero();
		return id;
	}

}
