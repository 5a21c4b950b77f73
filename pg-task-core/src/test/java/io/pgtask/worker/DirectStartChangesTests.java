package io.pgtask.worker;

import java.sql.Connection;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOptions;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: tasks that would have been started directly, had they not
 * been undone or changed in the transaction that enqueued them.
 */
@TaskTableTest
@Timeout(120)
class DirectStartChangesTests {

	private static final Journey.Start HELD = new Journey.Start("held");

	private final DirectTransactions transactions;

	private final DirectHarness harness;

	private final TransactionTemplate transaction;

	private final JdbcClient jdbc;

	private final BreakingCommits dataSource;

	DirectStartChangesTests(TestDatabase database) {
		this.transactions = new DirectTransactions(database);
		this.harness = this.transactions.harness();
		this.transaction = this.transactions.transaction();
		this.jdbc = this.transactions.jdbc();
		this.dataSource = this.transactions.dataSource();
	}

	@AfterEach
	void close() throws Exception {
		this.harness.close();
	}

	@Test
	void aRollbackLeavesNothing() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			this.harness.client().enqueue(DirectTransactions.STATE);
			status.setRollbackOnly();
		});
		this.transactions.assertNothingIsLeft(worker);
	}

	@Test
	void aNestedTransactionThatRollsBackLeavesNothing() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.transactions.propagating(TransactionDefinition.PROPAGATION_NESTED)
				.executeWithoutResult((nested) -> {
					this.harness.client().enqueue(DirectTransactions.STATE);
					throw new IllegalStateException("failed");
				})));
		this.transactions.assertNothingIsLeft(worker);
	}

	@Test
	void aRollbackToASavepointOfJdbcLeavesNothing() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult(
				(status) -> enqueueAndRollBackToSavepoint(DirectTransactions.STATE, TaskOptions.DEFAULT));
		this.transactions.assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatTakesTheIdOfOneThatWasRolledBackIsAnotherTask() {
		this.harness.run();
		TaskOptions options = TaskOptions.DEFAULT.withId(UUID.randomUUID());
		this.transaction.executeWithoutResult((status) -> {
			enqueueAndRollBackToSavepoint(HELD, options);
			this.harness.client().enqueue(DirectTransactions.STATE, options);
		});
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).singleElement().satisfies((begun) -> {
			assertThat(begun.state()).isEqualTo(DirectTransactions.STATE);
			assertThat(begun.direct()).isFalse();
		});
	}

	@Test
	void aTaskThatIsCancelledInTheSameTransactionDoesNotRun() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			UUID id = this.harness.client().enqueue(DirectTransactions.STATE);
			assertThat(this.harness.admin().cancel(id)).isEqualTo(ActionResult.DONE);
		});
		this.transactions.assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatIsDeletedByItsTagInTheSameTransactionDoesNotRun() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			this.harness.client().enqueue(DirectTransactions.STATE, TaskOptions.DEFAULT.withTags("x"));
			assertThat(this.harness.admin().deleteTagged("x")).isEqualTo(1);
		});
		this.transactions.assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatIsDeletedBySqlInTheSameTransactionDoesNotRun() {
		Worker worker = this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			this.harness.client().enqueue(DirectTransactions.STATE);
			assertThat(this.jdbc.sql("DELETE FROM pg_task").update()).isEqualTo(1);
		});
		this.transactions.assertNothingIsLeft(worker);
	}

	@Test
	void aTaskThatIsPutOffInTheSameTransactionRunsThen() {
		this.harness.run();
		Instant due = Instant.now().plusSeconds(3600);
		UUID id = this.transactions.inTransaction(
				(enqueued) -> assertThat(this.harness.admin().reschedule(enqueued, due)).isEqualTo(ActionResult.DONE));
		awaitGivenBack(id);
		assertThat(this.harness.begun()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "UPDATE pg_task SET wakeup_at = now() + interval '1 hour'",
			"UPDATE pg_task SET cancel_requested_at = now()", "INSERT INTO pg_task_paused (task) VALUES ('Journey')" })
	void aTaskThatMustNotStartAnyMoreIsLeftToTheClaim(String change) {
		this.harness.run();
		UUID id = this.transactions.inTransaction((enqueued) -> this.jdbc.sql(change).update());
		await().until(() -> this.harness.workers().isGone(id) || isGivenBack(id));
		assertThat(this.harness.begun()).noneMatch(DirectHarness.Begun::direct);
	}

	@Test
	void aStateThatIsChangedBySqlInTheSameTransactionIsTheOneThatRuns() {
		this.harness.run();
		this.transactions.inTransaction(
				(enqueued) -> this.jdbc.sql("UPDATE pg_task SET step = replace(step, '\"a\"', '\"b\"')").update());
		assertThat(this.harness.awaitBegun().state()).isEqualTo(new Journey.Start("b"));
	}

	@Test
	void anOperationThatIsRolledBackLeavesATaskThatRuns() {
		this.harness.run();
		this.transaction.executeWithoutResult((status) -> {
			UUID id = this.harness.client().enqueue(DirectTransactions.STATE);
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

	private void enqueueAndRollBackToSavepoint(Journey.Start state, TaskOptions options) {
		new JdbcTemplate(this.dataSource).execute((Connection connection) -> {
			Savepoint savepoint = connection.setSavepoint();
			assertThat(this.transactions.isLeased(this.harness.client().enqueue(state, options))).isTrue();
			connection.rollback(savepoint);
			return true;
		});
	}

	private void awaitGivenBack(UUID id) {
		await().until(() -> isGivenBack(id));
	}

	private boolean isGivenBack(UUID id) {
		WorkerHarness.Row row = this.harness.workers().row(id);
		return row.lockedBy() == null && row.delivery() == 0;
	}

}
