package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.StepContext;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.UnreliableDataSource.KEEPER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link LeaseKeeper} in a running {@link Worker}.
 */
@TaskTableTest
class LeaseKeeperTests {

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withLease(Duration.ofSeconds(2),
			Duration.ofMillis(500));

	private static final Duration TWO_HEARTBEATS = Duration.ofSeconds(1);

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final LongStep step = new LongStep();

	LeaseKeeperTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database).start(this.step);
		this.dataSource = new UnreliableDataSource(database.createPool(10));
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.step.finish();
		this.harness.stopAll();
	}

	@Test
	void nothingIsRenewedWhileNothingRuns() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		await().until(() -> this.dataSource.statements(KEEPER) == 1);
		await().during(TWO_HEARTBEATS).until(worker::isRunning);
		assertThat(this.dataSource.statements(KEEPER)).as("but the one that reserves the connection").isEqualTo(1);
	}

	@Test
	void aFinishedStepIsNotRenewedAnyMore() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		UUID id = run("a");
		await().until(() -> this.dataSource.statements(KEEPER) > 1);
		assertThat(worker.status().running()).isEqualTo(1);
		this.step.finish();
		await().until(() -> this.harness.isGone(id) && worker.status().running() == 0);
		int renewals = this.dataSource.statements(KEEPER);
		await().during(TWO_HEARTBEATS).until(worker::isRunning);
		assertThat(this.dataSource.statements(KEEPER)).isEqualTo(renewals);
	}

	@Test
	void aRunningStepSeesItsLeaseRenewed() {
		AtomicInteger renewals = new AtomicInteger();
		this.harness.start((state, context) -> {
			Instant first = context.leaseDeadline();
			while (!context.leaseDeadline().isAfter(first)) {
				TimeUnit.MILLISECONDS.sleep(20);
			}
			assertThat(context.leaseRemaining()).isBetween(Duration.ofMillis(1), SETTINGS.leaseTimeout());
			renewals.incrementAndGet();
			return NextStep.done();
		});
		this.harness.run(SETTINGS, this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(renewals).hasValue(1);
	}

	@Test
	void aLostLeaseCostsOnlyItsOwnStep() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		UUID deleted = run("deleted");
		UUID taken = run("taken");
		UUID parked = run("parked");
		UUID kept = run("kept");
		this.harness.jdbc().sql("DELETE FROM pg_task WHERE id = ?").param(deleted).update();
		this.harness.jdbc().sql("UPDATE pg_task SET locked_by = gen_random_uuid() WHERE id = ?").param(taken).update();
		this.harness.jdbc().sql("UPDATE pg_task SET error = 'by hand' WHERE id = ?").param(parked).update();
		await().untilAsserted(
				() -> assertThat(this.step.interrupted()).containsExactlyInAnyOrder("deleted", "taken", "parked"));
		Instant end = this.harness.leaseEnd(kept);
		await().until(() -> end.isBefore(this.harness.leaseEnd(kept)));
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
		this.step.finish();
		await().until(() -> this.harness.isGone(kept));
		assertThat(this.step.runs("kept")).isEqualTo(1);
		assertThat(this.harness.row(parked).error()).isEqualTo("by hand");
	}

	@Test
	void whatAStepReturnsAfterItsLeaseWasLostIsDropped() {
		CountDownLatch lost = new CountDownLatch(1);
		this.harness.start((state, context) -> {
			if (context.delivery() == 1) {
				awaitCancellation(context);
				lost.countDown();
				return NextStep.now(new Journey.Middle("from the first delivery"));
			}
			return NextStep.delay(new Journey.Middle("from the second delivery"), Duration.ofHours(1));
		});
		this.harness.run(SETTINGS, this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.row(id).leased() != null);
		this.harness.jdbc()
			.sql("UPDATE pg_task SET locked_by = gen_random_uuid(), "
					+ "lock_expires_at = statement_timestamp() + interval '1 second' WHERE id = ?")
			.param(id)
			.update();
		await().until(() -> this.harness.row(id).step().contains("Middle"));
		assertThat(lost.getCount()).isZero();
		assertThat(this.harness.row(id).step()).contains("from the second delivery");
	}

	@Test
	void stepsThatBorrowTheWholePoolCostNoLease() {
		HikariDataSource pool = this.database.createPool(SETTINGS.connections() + 1);
		List<String> runs = new CopyOnWriteArrayList<>();
		this.harness.start((state, context) -> {
			try (Connection connection = pool.getConnection()) {
				runs.add(state.name());
				assertThat(connection.isValid(1)).isTrue();
				TimeUnit.MILLISECONDS.sleep(700);
			}
			return NextStep.done();
		});
		for (String name : List.of("a", "b", "c", "d")) {
			this.harness.insertQuietly("Start", name);
		}
		this.harness.run(SETTINGS, pool);
		await().until(() -> this.harness.count() == 0);
		assertThat(runs).containsExactlyInAnyOrder("a", "b", "c", "d");
	}

	@Test
	void anExhaustedPoolDoesNotDisturbAWorkerThatHasItsConnections() throws Exception {
		HikariDataSource pool = this.harness.impatientPool(SETTINGS.connections() + 2);
		Worker worker = this.harness.run(SETTINGS, pool);
		await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == SETTINGS.connections());
		List<Connection> borrowed = new ArrayList<>();
		// The pool may need longer than its short patience to open them.
		await().ignoreException(SQLTransientConnectionException.class).until(() -> {
			borrowed.add(pool.getConnection());
			return borrowed.size() == 2;
		});
		await().during(TWO_HEARTBEATS).until(() -> worker.status().trouble() == null);
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
		UUID id = this.harness.insert("Middle", "a");
		await().until(() -> this.harness.isGone(id));
		for (Connection connection : borrowed) {
			connection.close();
		}
	}

	private UUID run(String name) {
		UUID id = this.harness.insert("Start", name);
		await().until(() -> this.step.runs(name) == 1);
		return id;
	}

	private static void awaitCancellation(StepContext context) {
		while (!context.isCancelled()) {
			try {
				TimeUnit.MILLISECONDS.sleep(10);
			}
			catch (InterruptedException ex) {
				// It ignores its interruption, and asks the context instead.
			}
		}
	}

}
