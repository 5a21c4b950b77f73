package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.pgtask.NextStep;
import io.pgtask.StepContext;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Isolation;

import static io.pgtask.worker.UnreliableDataSource.KEEPER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for transactional steps that take longer than a lease, with and without somebody
 * who renews it.
 */
@PostgresTest
class TransactionalLeaseTests {

	private static final WorkerSettings SHORT_LEASE = WorkerHarness.QUICK.withLease(Duration.ofSeconds(2),
			Duration.ofMillis(500));

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final JdbcClient jdbc;

	private final OutcomeCounter counter = new OutcomeCounter();

	TransactionalLeaseTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).transactional(TransactionSettings.DEFAULT, "start", "middle", "end");
		this.dataSource = new UnreliableDataSource(database.createPool(10));
		this.jdbc = JdbcClient.create(this.dataSource);
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql("CREATE TABLE ledger (n bigserial, entry text)").update();
	}

	@BeforeEach
	void emptyTables() {
		this.harness.jdbc().sql("TRUNCATE pg_task, ledger").update();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.dataSource.recover(KEEPER);
		this.harness.stopAll();
	}

	@ParameterizedTest
	@EnumSource(names = { "READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE" })
	void aStepMayTakeLongerThanItsLeaseWhateverItsIsolationLevel(Isolation isolation) {
		this.harness.transactional(new TransactionSettings(isolation, null, false), "start", "middle")
			.start((state, context) -> {
				write("Start, delivery " + context.delivery());
				outlastLease(context);
				return NextStep.now(new Journey.Middle(state.name()));
			})
			.middle((state, context) -> {
				write("Middle, delivery " + context.delivery());
				outlastLease(context);
				return NextStep.done();
			});
		run();
		run();
		UUID id = this.harness.insert("Start", "a");
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("Start, delivery 1", "Middle, delivery 1");
		assertThat(this.counter.leasesLost()).isZero();
	}

	@Test
	void ofAStepWhoseLeaseCouldNotBeRenewedNothingStaysAndItRunsAgain() {
		AtomicInteger zombies = new AtomicInteger();
		this.harness.start((state, context) -> {
			write("delivery " + context.delivery());
			if (context.delivery() == 1) {
				this.dataSource.failFor(KEEPER, "08006");
				untilCancelled(context);
				write("after the end of the lease");
				this.dataSource.recover(KEEPER);
				zombies.incrementAndGet();
			}
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.isGone(id));
		assertThat(zombies).hasValue(1);
		assertThat(ledger()).containsExactly("delivery 2");
		assertThat(this.counter.leasesLost()).isEqualTo(1);
	}

	@Test
	void aStepWhoseTaskHasAnotherOwnerByNowIsRolledBack() {
		AtomicInteger runs = new AtomicInteger();
		this.harness.start((state, context) -> {
			write("run " + runs.incrementAndGet());
			if (runs.get() == 1) {
				this.harness.jdbc().sql("""
						UPDATE pg_task SET locked_by = gen_random_uuid(),
							lock_expires_at = statement_timestamp() + interval '1 s'
						WHERE id = ?
						""").param(context.taskId()).update();
			}
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("run 2");
		await().untilAsserted(() -> assertThat(this.counter.outcomes()).containsEntry(StepOutcome.LOST, 1)
			.containsEntry(StepOutcome.DONE, 1));
	}

	@Test
	void aStepInterruptedByTheEndOfTheWorkerIsRolledBackAndGivenBack() {
		AtomicInteger runs = new AtomicInteger();
		this.harness.start((state, context) -> {
			write("run " + runs.incrementAndGet());
			if (runs.get() == 1) {
				Thread.sleep(Duration.ofMinutes(1).toMillis());
			}
			return NextStep.done();
		});
		Worker worker = this.harness.run(SHORT_LEASE.withShutdownTimeout(Duration.ZERO), this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> runs.get() == 1);
		worker.stop().join();
		assertThat(this.harness.row(id)).satisfies((row) -> {
			assertThat(row.lockedBy()).isNull();
			assertThat(row.tried()).isZero();
			assertThat(row.delivery()).isZero();
		});
		assertThat(ledger()).isEmpty();
		worker.start();
		await().until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("run 2");
	}

	private void run() {
		this.harness.run(SHORT_LEASE, (builder) -> builder.events(this.counter), this.dataSource);
	}

	/** Reads something first, which is when a snapshot is taken. */
	private void outlastLease(StepContext context) {
		Instant claimed = this.harness.jdbc()
			.sql("SELECT clock_timestamp() + interval '2500 ms'")
			.query((row, number) -> row.getObject(1, OffsetDateTime.class).toInstant())
			.single();
		await().atMost(Duration.ofSeconds(10)).until(() -> Instant.now().isAfter(claimed));
		assertThat(context.isCancelled()).isFalse();
	}

	private static void untilCancelled(StepContext context) {
		while (!context.isCancelled()) {
			LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
		}
		Thread.interrupted();
	}

	private void write(String entry) {
		this.jdbc.sql("INSERT INTO ledger (entry) VALUES (?)").param(entry).update();
	}

	private List<String> ledger() {
		return this.harness.jdbc().sql("SELECT entry FROM ledger ORDER BY n").query(String.class).list();
	}

}
