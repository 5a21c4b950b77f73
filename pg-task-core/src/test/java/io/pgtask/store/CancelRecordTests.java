package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import io.pgtask.EndedTask;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOutcome;
import io.pgtask.TaskSelection;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the records of tasks that were cancelled: why, by whom, and how far they had
 * come.
 */
@PostgresTest
class CancelRecordTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final UUID TOKEN = UUID.fromString("0123abcd-0123-abcd-8888-000000000001");

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL);

	private final TransitionStatements statements = new TransitionStatements(TABLE);

	private final TaskRows rows;

	private final Wakeups wakeups;

	private final JdbcTaskAdmin admin;

	private final JdbcTaskHistory history;

	CancelRecordTests(TestDatabase database) {
		this.rows = new TaskRows(database);
		this.wakeups = new Wakeups(database.dataSource());
		this.admin = new JdbcTaskAdmin(database.dataSource(), TABLE, this.wakeups);
		this.history = new JdbcTaskHistory(database.dataSource(), TABLE);
	}

	@BeforeEach
	void emptyTables() {
		this.rows.reset();
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 9 })
	void whyAStepCancelsItsTaskIsInTheRecordOfEachOfABatch(int claims) throws SQLException {
		List<Transition> batch = new ArrayList<>();
		for (int i = 0; i < 9; i++) {
			UUID token = new UUID(TOKEN.getMostSignificantBits(), i % claims);
			batch.add(new Transition.Finish(this.rows.insertLeased(token, MINUTE), token, TaskOutcome.CANCELLED,
					"reason " + i + ": \"it's {over}, \\ and done\""));
		}
		UUID done = this.rows.insertLeased(TOKEN, MINUTE);
		batch.add(new Transition.Finish(done, TOKEN));
		save(batch);
		for (int i = 0; i < 9; i++) {
			assertThat(ended(batch.get(i).id()).error()).isEqualTo("reason " + i + ": \"it's {over}, \\ and done\"");
		}
		assertThat(ended(done).outcome()).isEqualTo(TaskOutcome.DONE);
		assertThat(ended(done).error()).isEqualTo("again");
	}

	@Test
	void whoCancelsWithoutAReasonLeavesTheLastError() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		save(List.of(new Transition.Finish(id, TOKEN, TaskOutcome.CANCELLED)));
		assertThat(ended(id).error()).isEqualTo("again");
	}

	@Test
	void aTaskThatAnOperatorCancelsIsRecordedAsCancelledOnRequestByNoWorker() {
		UUID waiting = this.rows.insert();
		UUID parked = this.rows.insert("error = 'no luck'");
		UUID deleted = this.rows.insert("error = 'no use', tags = '{old}'");
		this.admin.delete(deleted);
		assertThat(this.admin.cancel(TaskSelection.all()).done()).isEqualTo(2);
		assertThat(ended(waiting)).satisfies((task) -> {
			assertThat(task.error()).isEqualTo("cancelled on request");
			assertThat(task.worker()).isNull();
		});
		assertThat(ended(parked).error()).isEqualTo("cancelled on request; the last error was no luck");
		assertThat(ended(deleted).error()).isEqualTo("no use");
	}

	@Test
	void aTaskThatAWorkerWasAskedToCancelIsRecordedAsCancelledOnRequestByThatWorker() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		save(List.of(new Transition.GiveBack(id, TOKEN)));
		assertThat(ended(id)).satisfies((task) -> {
			assertThat(task.error()).isEqualTo("cancelled on request; the last error was again");
			assertThat(task.worker()).isEqualTo("0123abcd0123abcd");
		});
	}

	@Test
	void theRecordOfATaskThatIsCancelledWhileItRunsTellsHowOftenItWasClaimed() throws SQLException {
		UUID givenBack = this.rows.insertLeased(TOKEN, MINUTE);
		UUID postponed = this.rows.insertLeased(TOKEN, MINUTE);
		UUID retried = this.rows.insertLeased(TOKEN, MINUTE);
		this.admin.cancel(TaskSelection.all());
		save(List.of(new Transition.GiveBack(givenBack, TOKEN),
				Transition.Release.postpone(postponed, TOKEN, MINUTE, null, 1, 2, "not yet", true),
				Transition.Release.retry(retried, TOKEN, MINUTE, null, 2, 2, "again")));
		assertThat(List.of(ended(givenBack), ended(postponed), ended(retried))).extracting(EndedTask::delivery)
			.containsExactly(2, 2, 2);
	}

	@Test
	void aClaimThatEndsAsIfItHadNotBeenMadeDoesNotCountUnlessTheTaskEndsWithIt() throws SQLException {
		UUID givenBack = this.rows.insertLeased(TOKEN, MINUTE);
		UUID postponed = this.rows.insertLeased(TOKEN, MINUTE);
		save(List.of(new Transition.GiveBack(givenBack, TOKEN),
				Transition.Release.postpone(postponed, TOKEN, MINUTE, null, 1, 2, "not yet", true)));
		assertThat(this.rows.strings("SELECT delivery FROM pg_task")).containsExactly("1", "1");
	}

	private void save(List<Transition> transitions) throws SQLException {
		Set<ClaimKey> saved = this.rows
			.callInTransaction((connection) -> this.statements.save(connection, transitions, (cancelled) -> {
			}));
		assertThat(saved).hasSameSizeAs(transitions);
	}

	private EndedTask ended(UUID id) {
		return this.history.find(id).orElseThrow(() -> new AssertionError("There is no record of " + id));
	}

}
