package io.pgtask.worker;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: tasks that it wanted to start directly, and cannot any more
 * when the transaction is committed.
 */
@TaskTableTest
@Timeout(120)
class GivenBackStartTests {

	private static final Journey.Start HELD = new Journey.Start("held");

	private static final WorkerSettings SHORT_LEASE = WorkerHarness.QUICK.withLease(Duration.ofSeconds(2),
			Duration.ofMillis(500));

	private final DirectTransactions transactions;

	private final DirectHarness harness;

	private final JdbcClient jdbc;

	GivenBackStartTests(TestDatabase database) {
		this.transactions = new DirectTransactions(database);
		this.harness = this.transactions.harness();
		this.jdbc = this.transactions.jdbc();
	}

	@AfterEach
	void close() throws Exception {
		this.harness.close();
	}

	@Test
	void withoutASlotAtTheCommitTheTaskIsGivenBack() {
		Worker worker = this.harness.run(WorkerHarness.QUICK.withConcurrency(1));
		UUID id = this.transactions.inTransaction((enqueued) -> {
			this.harness.workers().insert("Start", "held");
			this.harness.awaitBegun();
		});
		awaitGivenBack(id);
		assertThat(worker.status().running()).isEqualTo(1);
		assertThat(this.harness.claimed()).isEqualTo(1);
		this.harness.release();
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(2);
	}

	@Test
	void withLessThanHalfOfTheLeaseLeftTheTaskIsGivenBackAndClaimed() {
		this.harness.run(SHORT_LEASE);
		this.transactions.inTransaction((enqueued) -> pass("1.2 s"));
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> {
			assertThat(begun.direct()).isFalse();
			assertThat(begun.leaseRemaining()).isPositive();
		});
	}

	@Test
	void aTransactionThatOutlivesTheLeaseLeavesATaskThatIsClaimedAtOnce() {
		this.harness.run(SHORT_LEASE.withPollInterval(Duration.ofMinutes(10)));
		this.transactions.inTransaction((enqueued) -> pass("2.2 s"));
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> assertThat(begun.direct()).isFalse());
	}

	@Test
	void aCommitBehindTheStopGivesTheTaskToOthersAtOnce() {
		Worker worker = this.harness.run();
		UUID id = this.transactions.inTransaction((enqueued) -> worker.stop().join());
		awaitGivenBack(id);
		assertThat(this.harness.begun()).isEmpty();
		this.harness.run();
		this.harness.awaitEmpty();
		assertThat(this.harness.awaitBegun().delivery()).isEqualTo(1);
	}

	@Test
	void aCommitWhileTheWorkerStopsGivesTheTaskToOthersAtOnce() {
		Worker worker = this.harness.run();
		this.harness.client().enqueue(HELD);
		this.harness.awaitBegun();
		DirectHarness.awaitIdle(worker);
		CompletableFuture<?>[] stopped = new CompletableFuture<?>[1];
		UUID id = this.transactions.inTransaction((enqueued) -> {
			stopped[0] = worker.stop();
			await().until(() -> worker.status().state() == WorkerStatus.State.STOPPING);
		});
		awaitGivenBack(id);
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPING);
		this.harness.release();
		stopped[0].join();
		assertThat(this.harness.begun()).hasSize(1);
	}

	/** Lets time pass in the transaction. */
	private void pass(String interval) {
		this.jdbc.sql("SELECT pg_sleep_for(?::interval)").param(interval).query().singleRow();
	}

	private void awaitGivenBack(UUID id) {
		await().until(() -> isGivenBack(id));
	}

	private boolean isGivenBack(UUID id) {
		WorkerHarness.Row row = this.harness.workers().row(id);
		return row.lockedBy() == null && row.delivery() == 0;
	}

}
