package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskAdmin.ActionSummary;
import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
import io.pgtask.TaskSelection;
import io.pgtask.TaskState;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link JdbcTaskAdmin}: changing all tasks of a selection, and pausing types.
 */
@TaskTableTest
@Timeout(120)
class TaskSelectionActionTests {

	private static final TaskSelection ALL = TaskSelection.all();

	private final AdminTasks tasks;

	private final JdbcTemplate jdbc;

	private final JdbcTaskAdmin admin;

	TaskSelectionActionTests(TestDatabase database) {
		this.tasks = new AdminTasks(database);
		this.jdbc = this.tasks.jdbc();
		this.admin = this.tasks.admin();
	}

	@BeforeEach
	void endPauses() {
		this.jdbc.update("DELETE FROM pg_task_paused");
	}

	@AfterEach
	void close() {
		this.tasks.close();
	}

	@Test
	void parkedTasksAreSelectedByTypeStepTagErrorAndAge() {
		UUID timeout = parked("Mail", "Send", "java.net.SocketTimeoutException: Read timed out");
		UUID refused = parked("Mail", "Send", "ConnectException: Connection refused");
		UUID render = parked("Mail", "Render", "timed out");
		UUID other = parked("Report", "Send", "timed out");
		this.jdbc.update("UPDATE pg_task SET tags = '{urgent}' WHERE id IN (?, ?)", timeout, other);
		this.jdbc.update("UPDATE pg_task SET created_at = now() - interval '2 days' WHERE id IN (?, ?)", refused,
				other);
		this.jdbc.update("UPDATE pg_task SET updated_at = now() - interval '2 hours' WHERE id = ?", render);
		assertSelected(ALL.ofType("Mail"), timeout, refused, render);
		assertSelected(ALL.ofType("Mail").atStep("Send"), timeout, refused);
		assertSelected(ALL.atStep("Send"), timeout, refused, other);
		assertSelected(ALL.tagged("urgent"), timeout, other);
		assertSelected(ALL.tagged("urgent").ofType("Mail"), timeout);
		assertSelected(ALL.withErrorContaining("TIMED OUT"), timeout, render, other);
		assertSelected(ALL.withErrorContaining("timed").ofType("Mail").atStep("Send"), timeout);
		assertSelected(ALL.withErrorContaining("%"));
		assertSelected(ALL.olderThan(Duration.ofDays(1)), refused, other);
		assertSelected(ALL.olderThan(Duration.ofDays(1)).ofType("Mail"), refused);
		assertSelected(ALL.unchangedFor(Duration.ofHours(1)), render);
		assertSelected(ALL.olderThan(Duration.ofSeconds(Long.MAX_VALUE)));
		assertSelected(ALL.withErrorContaining("timed").in(TaskState.READY));
		assertSelected(ALL.ofType("\0"));
		assertSelected(ALL, timeout, refused, render, other);
	}

	private void assertSelected(TaskSelection selection, UUID... expected) {
		assertThat(this.admin.find(TaskQuery.of(selection))).extracting(TaskInfo::id)
			.containsExactlyInAnyOrder(expected);
		assertThat(this.admin.count(selection)).isEqualTo(expected.length);
		List<UUID> before = this.jdbc.queryForList("SELECT id FROM pg_task WHERE error IS NOT NULL", UUID.class);
		assertThat(this.admin.retry(selection)).isEqualTo(new ActionSummary(expected.length, 0, 0, 0, 0));
		List<UUID> retried = this.jdbc.queryForList("SELECT id FROM pg_task WHERE error IS NULL", UUID.class);
		assertThat(retried).containsExactlyInAnyOrder(expected);
		// As it was, for the next selection.
		this.jdbc.update("""
				UPDATE pg_task SET error = last_error, tried = 3,
					updated_at = CASE WHEN step LIKE '%Render%' THEN now() - interval '2 hours' ELSE now() END""");
		assertThat(this.jdbc.queryForList("SELECT id FROM pg_task WHERE error IS NOT NULL", UUID.class))
			.containsExactlyInAnyOrderElementsOf(before);
	}

	@Test
	void theTaskWithAUniqueKeyIsSelected() {
		UUID mail = ready("Mail", "Send");
		UUID report = parked("Report", "Send", "failed");
		this.jdbc.update("UPDATE pg_task SET unique_key = 'k'");
		ready("Mail", "Send");
		assertThat(this.admin.find(TaskQuery.of(ALL.withUniqueKey("k")))).extracting(TaskInfo::id)
			.containsExactlyInAnyOrder(mail, report);
		assertThat(this.admin.cancel(ALL.ofType("Mail").withUniqueKey("k")))
			.isEqualTo(new ActionSummary(1, 0, 0, 0, 0));
		assertThat(this.admin.count(ALL.withUniqueKey("k"))).isEqualTo(1);
		assertThat(this.admin.cancel(ALL.ofType("Mail").withUniqueKey("k")).total()).isZero();
	}

	@Test
	void onlyParkedTasksOfASelectionAreRetried() {
		ready("Mail", "Send");
		parked("Mail", "Send", "failed");
		leased("Mail", "Send");
		assertThat(this.admin.retry(ALL.ofType("Mail"))).isEqualTo(new ActionSummary(1, 0, 0, 0, 0));
		assertThat(this.tasks.woken()).hasValue(1);
		assertThat(this.admin.retry(ALL.ofType("Mail").in(TaskState.READY)).done()).isZero();
	}

	@Test
	void theResultOfCancellingTellsWhatHappenedToEach() throws SQLException {
		ready("Mail", "Send");
		parked("Mail", "Send", "failed");
		UUID running = leased("Mail", "Send");
		UUID locked = ready("Mail", "Send");
		UUID other = ready("Report", "Send");
		try (Connection connection = this.tasks.lock(locked);
				Listener listener = new Listener(this.tasks.database(), CancelNotice.CHANNEL)) {
			assertThat(this.admin.cancel(ALL.ofType("Mail"))).isEqualTo(new ActionSummary(2, 1, 1, 0, 0));
			assertThat(listener.received()).containsExactly(running.toString());
			connection.rollback();
		}
		assertThat(this.jdbc.queryForList("SELECT id FROM pg_task", UUID.class)).containsExactlyInAnyOrder(running,
				locked, other);
	}

	@Test
	void aTaskThatIsClaimedMeanwhileIsNotOfASelectionOfWaitingOnes() {
		UUID id = ready("Mail", "Send");
		TaskSelection waiting = ALL.ofType("Mail").in(TaskState.READY);
		this.jdbc.update("UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 h'");
		TaskActions actions = new TaskActions(new CallerConnection(this.tasks.dataSource()), TaskTable.inSearchPath(),
				this.tasks.wakeups());
		assertThat(actions.act(ActionStatement.cancel(waiting), List.of(id, UUID.randomUUID())))
			.isEqualTo(new ActionSummary(0, 0, 0, 1, 1));
		assertThat(this.admin.find(id).orElseThrow().cancelRequestedAt()).isNull();
	}

	@Test
	void manyTasksAreChangedInBatchesOfWhichEachIsATransaction() {
		this.jdbc.update("""
				INSERT INTO pg_task (step, error, parked_at, tried)
				SELECT '{"Mail":{"Send":' || i || '}}', 'failed', now(), 3 FROM generate_series(1, 2345) i""");
		assertThat(this.admin.retry(ALL.withErrorContaining("fail"))).isEqualTo(new ActionSummary(2345, 0, 0, 0, 0));
		assertThat(this.jdbc.queryForObject("SELECT count(DISTINCT updated_at) FROM pg_task", Integer.class))
			.isEqualTo(5);
		assertThat(this.admin.prioritize(ALL.ofType("Mail"), 7).done()).isEqualTo(2345);
		assertThat(this.admin.reschedule(ALL.ofType("Mail"), Instant.parse("2999-01-01T00:00:00Z")).done())
			.isEqualTo(2345);
		assertThat(this.admin.count(ALL.in(TaskState.SCHEDULED))).isEqualTo(2345);
		assertThat(this.jdbc.queryForList("SELECT DISTINCT priority FROM pg_task", Integer.class)).containsExactly(7);
		assertThat(this.admin.delete(ALL.ofType("Mail")).done()).isEqualTo(2345);
		assertThat(this.admin.count(ALL)).isZero();
	}

	@Test
	void anActionOnManyTasksJoinsTheRunningTransaction() {
		this.jdbc.update("INSERT INTO pg_task (step) SELECT '{\"Mail\":{\"Send\":1}}' FROM generate_series(1, 600)");
		Producer.transaction(this.tasks.dataSource()).executeWithoutResult((status) -> {
			assertThat(this.admin.prioritize(ALL.ofType("Mail"), 9).done()).isEqualTo(600);
			assertThat(this.tasks.woken()).hasValue(0);
			status.setRollbackOnly();
		});
		assertThat(this.jdbc.queryForList("SELECT DISTINCT priority FROM pg_task", Integer.class)).containsExactly(4);
	}

	@Test
	void aParkedTaskIsNotRescheduledWithTheOthers() {
		parked("Mail", "Send", "failed");
		ready("Mail", "Send");
		assertThat(this.admin.reschedule(ALL.ofType("Mail"), Instant.EPOCH))
			.isEqualTo(new ActionSummary(1, 0, 0, 1, 0));
	}

	@Test
	void aTypeIsPausedAndResumedForAllWorkers() throws SQLException {
		try (Listener listener = new Listener(this.tasks.database(), "pg_task_changed")) {
			assertThat(this.admin.pauseType("Mail", "The provider is down")).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.pauseType("Mail", "again")).isEqualTo(ActionResult.NOT_APPLICABLE);
			assertThat(this.admin.pauseType("Report", null)).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.pausedTypes()).satisfiesExactly((mail) -> {
				assertThat(mail.taskType()).isEqualTo("Mail");
				assertThat(mail.reason()).isEqualTo("The provider is down");
				assertThat(mail.pausedAt()).isBefore(Instant.now().plusSeconds(60));
			}, (report) -> assertThat(report.reason()).isNull());
			assertThat(listener.received()).isNotEmpty();
			listener.received().clear();
			assertThat(this.admin.resumeType("Mail")).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.resumeType("Mail")).isEqualTo(ActionResult.NOT_APPLICABLE);
			assertThat(this.admin.resumeType("\0")).isEqualTo(ActionResult.NOT_APPLICABLE);
			assertThat(listener.received()).isNotEmpty();
		}
		assertThat(this.tasks.woken()).hasValue(3);
		assertThat(this.admin.pausedTypes()).hasSize(1);
		assertThatIllegalArgumentException().isThrownBy(() -> this.admin.pauseType("\0", null));
	}

	@Test
	void whatCannotBeASelectionIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ALL.olderThan(Duration.ofSeconds(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> ALL.unchangedFor(Duration.ofSeconds(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> this.admin.prioritize(ALL, -1));
		assertThatNullPointerException().isThrownBy(() -> this.admin.delete((TaskSelection) nothing()));
	}

	private UUID ready(String type, String step) {
		return insert(type, step, "wakeup_at", "now() - interval '1 min'");
	}

	private UUID parked(String type, String step, String error) {
		return insert(type, step, "error, last_error, parked_at, tried", "'%1$s', '%1$s', now(), 3".formatted(error));
	}

	private UUID leased(String type, String step) {
		return insert(type, step, "locked_by, lock_expires_at", "gen_random_uuid(), now() + interval '1 h'");
	}

	private UUID insert(String type, String step, String columns, String values) {
		UUID id = TaskIds.shared().next();
		this.jdbc.update("INSERT INTO pg_task (id, step, " + columns + ") VALUES (?, ?, " + values + ")", id,
				"{\"%s\":{\"%s\":1}}".formatted(type, step));
		return id;
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

}
