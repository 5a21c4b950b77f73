package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskInfo;
import io.pgtask.TaskState;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link JdbcTaskAdmin}: transactions, and connections of all kinds.
 */
@TaskTableTest
@Timeout(120)
class AdminTransactionTests {

	private final AdminTasks tasks;

	private final JdbcTaskAdmin admin;

	AdminTransactionTests(TestDatabase database) {
		this.tasks = new AdminTasks(database);
		this.admin = this.tasks.admin();
	}

	@AfterEach
	void close() {
		this.tasks.close();
	}

	@ParameterizedTest
	@EnumSource(value = AdminAction.class, mode = Mode.EXCLUDE, names = "CANCEL")
	void aTransactionThatTriedInVainDoesNotKeepAWorkerFromItsRow(AdminAction action) throws SQLException {
		UUID id = this.tasks.leased("NULL");
		try (Connection worker = this.tasks.database().openConnection()) {
			Producer.transaction(this.tasks.dataSource()).executeWithoutResult((status) -> {
				assertThat(action.act(this.admin, id)).isEqualTo(ActionResult.RUNNING);
				AdminTasks.execute(worker, "SELECT FROM pg_task FOR UPDATE NOWAIT");
			});
		}
	}

	@ParameterizedTest
	@EnumSource(AdminAction.class)
	void anActionJoinsTheRunningTransaction(AdminAction action) {
		UUID id = (action == AdminAction.RETRY) ? this.tasks.parked() : this.tasks.scheduled();
		TaskInfo before = this.admin.find(id).orElseThrow();
		TransactionTemplate transaction = Producer.transaction(this.tasks.dataSource());
		transaction.executeWithoutResult((status) -> {
			assertThat(action.act(this.admin, id)).isEqualTo(ActionResult.DONE);
			assertThat(this.tasks.woken()).hasValue(0);
			status.setRollbackOnly();
		});
		assertThat(this.admin.find(id)).contains(before);
		assertThat(this.tasks.woken()).hasValue(0);
		transaction.executeWithoutResult((status) -> {
			assertThat(action.act(this.admin, id)).isEqualTo(ActionResult.DONE);
			assertThat(this.tasks.woken()).hasValue(0);
		});
		assertThat(this.admin.find(id)).isNotEqualTo(before);
		assertThat(this.tasks.woken()).hasValue(action.makesWork() ? 1 : 0);
	}

	@Test
	void aSnapshotThatIsTooOldIsAConcurrencyFailure() {
		UUID id = this.tasks.scheduled();
		TransactionTemplate transaction = Producer.transaction(this.tasks.dataSource());
		transaction.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
		assertThatExceptionOfType(ConcurrencyFailureException.class)
			.isThrownBy(() -> transaction.executeWithoutResult((status) -> {
				this.admin.find(id);
				this.tasks.execute("UPDATE pg_task SET tried = 1");
				this.admin.delete(id);
			}));
		assertThat(this.admin.find(id)).isPresent();
	}

	@Test
	void actionsWorkWithoutAutoCommit() {
		JdbcTaskAdmin withoutAutoCommit = new JdbcTaskAdmin(new WithoutAutoCommit(this.tasks.dataSource()),
				TaskTable.inSearchPath(), this.tasks.wakeups());
		UUID id = this.tasks.parked();
		assertThat(withoutAutoCommit.retry(id)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.find(id).orElseThrow().state()).isEqualTo(TaskState.READY);
		assertThat(this.tasks.woken()).hasValue(1);
	}

	@Test
	void aRowOfATableSharedWithRustIsChangedAlike() {
		TaskTable table = TaskTable.inSchema("rust");
		TaskSchema.create(this.tasks.dataSource(), table, true);
		JdbcTaskAdmin shared = new JdbcTaskAdmin(this.tasks.dataSource(), table, this.tasks.wakeups());
		UUID id = UUID.randomUUID();
		this.tasks.jdbc()
			.update("INSERT INTO rust.pg_task (id, step, error, tried) VALUES (?, '{\"T\":{\"S\":1}}', 'x', 3)", id);
		assertThat(shared.retry(id)).isEqualTo(ActionResult.DONE);
		assertThat(shared.reschedule(id, AdminTasks.LATER)).isEqualTo(ActionResult.DONE);
		assertThat(shared.find(id).orElseThrow().tried()).isZero();
		assertThat(shared.cancel(id)).isEqualTo(ActionResult.DONE);
	}

}
