package io.pgtask.worker;

import java.sql.Connection;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.pgtask.NextStep;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOptions;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.TaskEnds;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: tasks that it starts directly when the caller's transaction
 * is committed, whatever happens in that.
 */
@PostgresTest
@Timeout(120)
class DirectStartTransactionTests {

	private static final Journey.Start STATE = new Journey.Start("a");

	private static final Journey.Start HELD = new Journey.Start("held");

	private static final WorkerSettings SHORT_LEASE = WorkerHarness.QUICK.withLease(Duration.ofSeconds(2),
			Duration.ofMillis(500));

	private final BreakingCommits dataSource;

	private final DirectHarness harness;

	private final TransactionTemplate transaction;

	/** Takes part in the transactions. */
	private final JdbcClient jdbc;

	DirectStartTransactionTests(TestDatabase database) {
		this.dataSource = new BreakingCommits(database.createPool(12));
		this.harness = new DirectHarness(database, this.dataSource, TaskEnds.untold());
		this.transaction = this.harness.transaction();
		this.jdbc = JdbcClient.create(this.dataSource);
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@BeforeEach
	void emptyTable() {
		this.harness.workers().jdbc().sql("TRUNCATE pg_task, pg_task_paused").update();
	}

	@AfterEach
	void close() throws Exception {
		this.harness.close();
	}

	@Test
	void theTaskStartsWhenTheTransactionIsCommittedAndTakesNoSlotBefore() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			assertThat(isLeased(this.harness.client().enqueue(STATE))).isTrue();
			assertThat(worker.status()).satisfies((working) -> {
				assertThat(working.running()).isZero();
				assertThat(working.waiting()).isZero();
			});
			assertThat(this.harness.begun()).isEmpty();
		});
		DirectHarness.Begun begun = this.harness.awaitBegun();
		assertThat(begun.direct()).isTrue();
		assertThat(begun.delivery()).isEqualTo(1);
		assertThat(begun.leaseDeadline()).isEqualTo(begun.leaseEnd());
		this.harness.awaitEmpty();
		assertThat(this.harness.claimed()).isEqualTo(1);
	}

	@Test
	void onlyTheFirstTaskOfATransactionStartsDirectly() {
		this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			assertThat(isLeased(this.harness.client().enqueue(STATE))).isTrue();
			assertThat(isLeased(this.harness.client().enqueue(STATE))).isFalse();
		});
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(2);
	}

	@Test
	void aSuspendedTransactionAndTheInnerOneHaveOneEach() {
		this.harness.run();
		this.transaction.executeWithoutResult((outer) -> {
			UUID first = this.harness.client().enqueue(STATE);
			propagating(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
				.executeWithoutResult((inner) -> assertThat(isLeased(this.harness.client().enqueue(STATE))).isTrue());
			assertThat(this.harness.awaitBegun().id()).isNotEqualTo(first);
			assertThat(isLeased(this.harness.client().enqueue(STATE))).isFalse();
		});
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(3);
	}

	@Test
	void aRollbackLeavesNothing() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			this.harness.client().enqueue(STATE);
			status.setRollbackOnly();
		});
		assertNothingIsLeft(worker);
	}

	@Test
	void aNestedTransactionThatRollsBackLeavesNothing() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> propagating(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult((nested) -> {
				this.harness.client().enqueue(STATE);
				throw new IllegalStateException("failed");
			})));
		assertNothingIsLeft(worker);
	}

	@Test
	void aRollbackToASavepointOfJdbcLeavesNothing() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> enqueueAndRollBackToSavepoint(STATE, TaskOptions.DEFAULT));
		assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatTakesTheIdOfOneThatWasRolledBackIsAnotherTask() {
		this.harness.run();
		TaskOptions options = TaskOptions.DEFAULT.withId(UUID.randomUUID());
		this.transaction.executeWithoutResult((status) -> {
			enqueueAndRollBackToSavepoint(HELD, options);
			this.harness.client().enqueue(STATE, options);
		});
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> {
			assertThat(begun.state()).isEqualTo(STATE);
			assertThat(begun.direct()).isFalse();
		});
	}

	@Test
	void aTaskThatIsCancelledInTheSameTransactionDoesNotRun() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			UUID id = this.harness.client().enqueue(STATE);
			assertThat(this.harness.admin().cancel(id)).isEqualTo(ActionResult.DONE);
		});
		assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatIsDeletedByItsTagInTheSameTransactionDoesNotRun() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			this.harness.client().enqueue(STATE, TaskOptions.DEFAULT.withTags("x"));
			assertThat(this.harness.admin().deleteTagged("x")).isEqualTo(1);
		});
		assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatIsDeletedBySqlInTheSameTransactionDoesNotRun() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			this.harness.client().enqueue(STATE);
			assertThat(this.jdbc.sql("DELETE FROM pg_task").update()).isEqualTo(1);
		});
		assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatIsPutOffInTheSameTransactionRunsThen() {
		this.harness.run();
		Instant due = Instant.now().plusSeconds(3600);
		UUID id = inTransaction(
				(enqueued) -> assertThat(this.harness.admin().reschedule(enqueued, due)).isEqualTo(ActionResult.DONE));
		awaitGivenBack(id);
		assertThat(this.harness.begun()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "UPDATE pg_task SET wakeup_at = now() + interval '1 hour'",
			"UPDATE pg_task SET cancel_requested_at = now()", "INSERT INTO pg_task_paused (task) VALUES ('Journey')" })
	void aTaskThatMustNotStartAnyMoreIsLeftToTheClaim(String change) {
		this.harness.run();
		UUID id = inTransaction((enqueued) -> this.jdbc.sql(change).update());
		await().until(() -> this.harness.workers().isGone(id) || isGivenBack(id));
		assertThat(this.harness.begun()).noneMatch(DirectHarness.Begun::direct);
	}

	@Test
	void aStateThatIsChangedBySqlInTheSameTransactionIsTheOneThatRuns() {
		this.harness.run();
		inTransaction(
				(enqueued) -> this.jdbc.sql("UPDATE pg_task SET step = replace(step, '\"a\"', '\"b\"')").update());
		assertThat(this.harness.awaitBegun().state()).isEqualTo(new Journey.Start("b"));
	}

	@Test
	void anOperationThatIsRolledBackLeavesATaskThatRuns() {
		this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			UUID id = this.harness.client().enqueue(STATE);
			Object savepoint = status.createSavepoint();
			this.harness.admin().cancel(id);
			status.rollbackToSavepoint(savepoint);
		});
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> {
			assertThat(begun.delivery()).isEqualTo(1);
			assertThat(begun.direct()).isFalse();
		});
	}

	@Test
	void aDeadlineIsLeftToTheClaim() {
		this.harness.run();
		this.transaction.executeWithoutResult((status) -> assertThat(
				isLeased(this.harness.client().enqueue(STATE, TaskOptions.DEFAULT.withDeadline(Duration.ofHours(1)))))
			.isFalse());
		this.harness.awaitEmpty();
	}

	@Test
	void withoutASlotAtTheCommitTheTaskIsGivenBack() {
		Worker worker = this.harness.run(WorkerHarness.QUICK.withConcurrency(1));
		UUID id = inTransaction((enqueued) -> {
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
		inTransaction((enqueued) -> pass("1.2 s"));
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> {
			assertThat(begun.direct()).isFalse();
			assertThat(begun.leaseRemaining()).isPositive();
		});
	}

	@Test
	void aTransactionThatOutlivesTheLeaseLeavesATaskThatIsClaimedAtOnce() {
		this.harness.run(SHORT_LEASE.withPollInterval(Duration.ofMinutes(10)));
		inTransaction((enqueued) -> pass("2.2 s"));
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> assertThat(begun.direct()).isFalse());
	}

	@Test
	void aCommitBehindTheStopGivesTheTaskToOthersAtOnce() {
		Worker worker = this.harness.run();
		UUID id = inTransaction((enqueued) -> worker.stop().join());
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
		UUID id = inTransaction((enqueued) -> {
			stopped[0] = worker.stop();
			await().until(() -> worker.status().state() == WorkerStatus.State.STOPPING);
		});
		awaitGivenBack(id);
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPING);
		this.harness.release();
		stopped[0].join();
		assertThat(this.harness.begun()).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenTheConnectionBreaksInTheCommitTheTaskRunsIfItIsThere(boolean committed) {
		Worker worker = this.harness.run(WorkerHarness.QUICK.withLease(Duration.ofSeconds(30), Duration.ofSeconds(10)));
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> {
				this.harness.client().enqueue(STATE);
				this.dataSource.breakNext(committed);
			}));
		if (committed) {
			assertThat(this.harness.awaitBegun().direct()).isTrue();
			this.harness.awaitEmpty();
		}
		assertThat(this.harness.begun()).hasSize(committed ? 1 : 0);
		assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatIsEnqueuedWhenTheTransactionHasCommittedRuns() {
		this.harness.run(WorkerHarness.QUICK.withLease(Duration.ofSeconds(60), Duration.ofSeconds(20)));
		this.transaction.executeWithoutResult(
				(status) -> TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void afterCommit() {
						DirectStartTransactionTests.this.harness.client().enqueue(STATE);
					}

				}));
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(1);
	}

	@Test
	void whatFailsBehindTheCommitDoesNotKeepTheTaskFromStarting() {
		this.harness.run(WorkerHarness.QUICK.withLease(Duration.ofSeconds(60), Duration.ofSeconds(20)));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> {
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void afterCommit() {
						throw new IllegalStateException("failed");
					}

				});
				this.harness.client().enqueue(STATE);
			}));
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> assertThat(begun.direct()).isTrue());
	}

	@Test
	void aTransactionalStepStartsDirectlyAndSoDoesWhatItEnqueues() {
		List<Journey> run = new CopyOnWriteArrayList<>();
		this.harness.workers().transactional(TransactionSettings.DEFAULT, "start", "middle").start((state, context) -> {
			run.add(state);
			assertThat(isLeased(this.harness.client().enqueue(new Journey.Middle("b")))).isTrue();
			return NextStep.done();
		}).middle((state, context) -> {
			run.add(state);
			return NextStep.done();
		});
		this.harness.run();
		this.harness.client().enqueue(STATE);
		this.harness.awaitEmpty();
		assertThat(run).containsExactly(STATE, new Journey.Middle("b"));
	}

	@Test
	void transactionsOneBehindTheOtherAllGetTheirTaskRun() {
		this.harness.run(WorkerHarness.QUICK.withConcurrency(1));
		for (int i = 0; i < 20; i++) {
			this.transaction.executeWithoutResult((status) -> this.harness.client().enqueue(STATE));
		}
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(20).allMatch((begun) -> begun.delivery() == 1);
	}

	private void enqueueAndRollBackToSavepoint(Journey.Start state, TaskOptions options) {
		new JdbcTemplate(this.dataSource).execute((Connection connection) -> {
			Savepoint savepoint = connection.setSavepoint();
			assertThat(isLeased(this.harness.client().enqueue(state, options))).isTrue();
			connection.rollback(savepoint);
			return true;
		});
	}

	private UUID inTransaction(Consumer<UUID> more) {
		return Objects.requireNonNull(this.transaction.execute((TransactionStatus status) -> {
			UUID id = this.harness.client().enqueue(STATE);
			assertThat(isLeased(id)).isTrue();
			more.accept(id);
			return id;
		}));
	}

	private TransactionTemplate propagating(int propagation) {
		TransactionTemplate template = this.harness.transaction();
		template.setPropagationBehavior(propagation);
		return template;
	}

	private boolean isLeased(UUID id) {
		return this.jdbc.sql("SELECT locked_by IS NOT NULL FROM pg_task WHERE id = ?")
			.param(id)
			.query(Boolean.class)
			.single();
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

	/** Nothing is there, nothing runs, and the worker is ready for more. */
	private void assertNothingIsLeft(Worker worker) {
		DirectHarness.awaitIdle(worker);
		int before = this.harness.begun().size();
		assertThat(this.harness.workers().count()).isZero();
		assertThat(worker.status().running()).isZero();
		assertThat(worker.status().waiting()).isZero();
		UUID next = this.transaction.execute((status) -> this.harness.client().enqueue(STATE));
		assertThat(this.harness.awaitBegun(before + 1).get(before).id()).isEqualTo(next);
		this.harness.awaitEmpty();
	}

}
