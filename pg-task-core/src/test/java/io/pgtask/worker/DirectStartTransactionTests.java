package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import io.pgtask.NextStep;
import io.pgtask.TaskOptions;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Worker}: tasks that it starts directly when the transaction is
 * committed in which they were enqueued.
 */
@TaskTableTest
@Timeout(120)
class DirectStartTransactionTests {

	private final DirectTransactions transactions;

	private final DirectHarness harness;

	private final TransactionTemplate transaction;

	private final BreakingCommits dataSource;

	DirectStartTransactionTests(TestDatabase database) {
		this.transactions = new DirectTransactions(database);
		this.harness = this.transactions.harness();
		this.transaction = this.transactions.transaction();
		this.dataSource = this.transactions.dataSource();
	}

	@AfterEach
	void close() throws Exception {
		this.harness.close();
	}

	@Test
	void theTaskStartsWhenTheTransactionIsCommittedAndTakesNoSlotBefore() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			assertThat(this.transactions.isLeased(this.harness.client().enqueue(DirectTransactions.STATE))).isTrue();
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
			assertThat(this.transactions.isLeased(this.harness.client().enqueue(DirectTransactions.STATE))).isTrue();
			assertThat(this.transactions.isLeased(this.harness.client().enqueue(DirectTransactions.STATE))).isFalse();
		});
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(2);
	}

	@Test
	void aSuspendedTransactionAndTheInnerOneHaveOneEach() {
		this.harness.run();
		this.transaction.executeWithoutResult((outer) -> {
			UUID first = this.harness.client().enqueue(DirectTransactions.STATE);
			this.transactions.propagating(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
				.executeWithoutResult((inner) -> assertThat(
						this.transactions.isLeased(this.harness.client().enqueue(DirectTransactions.STATE)))
					.isTrue());
			assertThat(this.harness.awaitBegun().id()).isNotEqualTo(first);
			assertThat(this.transactions.isLeased(this.harness.client().enqueue(DirectTransactions.STATE))).isFalse();
		});
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(3);
	}

	@Test
	void aDeadlineIsLeftToTheClaim() {
		this.harness.run();
		this.transaction.executeWithoutResult((status) -> assertThat(this.transactions.isLeased(this.harness.client()
			.enqueue(DirectTransactions.STATE, TaskOptions.DEFAULT.withDeadline(Duration.ofHours(1))))).isFalse());
		this.harness.awaitEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenTheConnectionBreaksInTheCommitTheTaskRunsIfItIsThere(boolean committed) {
		Worker worker = this.harness.run(WorkerHarness.QUICK.withLease(Duration.ofSeconds(30), Duration.ofSeconds(10)));
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> {
				this.harness.client().enqueue(DirectTransactions.STATE);
				this.dataSource.breakNext(committed);
			}));
		if (committed) {
			assertThat(this.harness.awaitBegun().direct()).isTrue();
			this.harness.awaitEmpty();
		}
		assertThat(this.harness.begun()).hasSize(committed ? 1 : 0);
		this.transactions.assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatIsEnqueuedWhenTheTransactionHasCommittedRuns() {
		this.harness.run(WorkerHarness.QUICK.withLease(Duration.ofSeconds(60), Duration.ofSeconds(20)));
		this.transaction.executeWithoutResult(
				(status) -> TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void afterCommit() {
						DirectStartTransactionTests.this.harness.client().enqueue(DirectTransactions.STATE);
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
				this.harness.client().enqueue(DirectTransactions.STATE);
			}));
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> assertThat(begun.direct()).isTrue());
	}

	@Test
	void aTransactionalStepStartsDirectlyAndSoDoesWhatItEnqueues() {
		List<Journey> run = new CopyOnWriteArrayList<>();
		this.harness.workers().transactional(TransactionSettings.DEFAULT, "start", "middle").start((state, context) -> {
			run.add(state);
			assertThat(this.transactions.isLeased(this.harness.client().enqueue(new Journey.Middle("b")))).isTrue();
			return NextStep.done();
		}).middle((state, context) -> {
			run.add(state);
			return NextStep.done();
		});
		this.harness.run();
		this.harness.client().enqueue(DirectTransactions.STATE);
		this.harness.awaitEmpty();
		assertThat(run).containsExactly(DirectTransactions.STATE, new Journey.Middle("b"));
	}

	@Test
	void transactionsOneBehindTheOtherAllGetTheirTaskRun() {
		this.harness.run(WorkerHarness.QUICK.withConcurrency(1));
		for (int i = 0; i < 20; i++) {
			this.transaction.executeWithoutResult((status) -> this.harness.client().enqueue(DirectTransactions.STATE));
		}
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(20).allMatch((begun) -> begun.delivery() == 1);
	}

}
