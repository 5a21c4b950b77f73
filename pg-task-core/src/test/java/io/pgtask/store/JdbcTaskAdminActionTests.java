package io.pgtask.store;

import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskInfo;
import io.pgtask.TaskState;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link JdbcTaskAdmin}: changing tasks that are free.
 */
@TaskTableTest
@Timeout(120)
class JdbcTaskAdminActionTests {

	private final AdminTasks tasks;

	private final JdbcTaskAdmin admin;

	JdbcTaskAdminActionTests(TestDatabase database) {
		this.tasks = new AdminTasks(database);
		this.admin = this.tasks.admin();
	}

	@AfterEach
	void close() {
		this.tasks.close();
	}

	@Test
	void aParkedTaskIsRetriedWithFreshAttempts() {
		UUID id = this.tasks.parked();
		Instant before = this.tasks.databaseTime();
		assertThat(this.admin.retry(id)).isEqualTo(ActionResult.DONE);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.READY);
		assertThat(task.error()).isNull();
		assertThat(task.lastError()).isEqualTo("failed");
		assertThat(task.tried()).isZero();
		assertThat(task.delivery()).isZero();
		assertThat(task.wakeupAt()).isBetween(before, this.tasks.databaseTime());
		assertThat(task.updatedAt()).isBetween(before, this.tasks.databaseTime());
		assertThat(this.tasks.jdbc().queryForMap("SELECT parked_at, locked_by, lock_expires_at FROM pg_task").values())
			.containsOnlyNulls();
	}

	@Test
	void retryingWakesTheWorkersHereAndElsewhere() throws SQLException {
		try (Listener listener = new Listener(this.tasks.database(), "pg_task_changed")) {
			this.admin.retry(this.tasks.parked());
			assertThat(this.tasks.woken()).hasValue(1);
			Awaitility.await().untilAsserted(() -> assertThat(listener.received()).isNotEmpty());
		}
	}

	@Test
	void reschedulingWakesTheWorkersHereAndElsewhere() throws SQLException {
		UUID id = this.tasks.scheduled();
		try (Listener listener = new Listener(this.tasks.database(), "pg_task_changed")) {
			this.admin.reschedule(id, Instant.EPOCH);
			assertThat(this.tasks.woken()).hasValue(1);
			Awaitility.await().untilAsserted(() -> assertThat(listener.received()).isNotEmpty());
		}
	}

	@Test
	void onlyAParkedTaskIsRetried() {
		this.tasks.assertUntouched(this.tasks.scheduled(), (id) -> this.admin.retry(id), ActionResult.NOT_APPLICABLE);
		this.tasks.assertUntouched(this.tasks.ready(), (id) -> this.admin.retry(id), ActionResult.NOT_APPLICABLE);
		this.tasks.assertUntouched(this.tasks.abandoned(), (id) -> this.admin.retry(id), ActionResult.NOT_APPLICABLE);
	}

	@Test
	void aTaskWhoseTextIsNoStepIsRetriedAndDeletedLikeAnyOther() {
		UUID id = this.tasks.insert("nonsense", "error", "'malformed'");
		assertThat(this.admin.retry(id)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.reschedule(id, AdminTasks.LATER)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.delete(id)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.find(id)).isEmpty();
	}

	@Test
	void waitingParkedAndAbandonedTasksAreCancelledAndDeleted() {
		for (UUID id : List.of(this.tasks.ready(), this.tasks.scheduled(), this.tasks.parked(),
				this.tasks.abandoned())) {
			assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.find(id)).isEmpty();
		}
		for (UUID id : List.of(this.tasks.ready(), this.tasks.scheduled(), this.tasks.parked(),
				this.tasks.abandoned())) {
			assertThat(this.admin.delete(id)).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.find(id)).isEmpty();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "NULL", "'by hand'" })
	void aTaskThatAWorkerHoldsIsAskedToEndAndItsLeaseStaysAsItIs(String error) throws SQLException {
		UUID id = this.tasks.leased(error);
		Map<String, Object> before = this.tasks.row(id);
		Instant asked = this.tasks.databaseTime();
		try (Listener listener = new Listener(this.tasks.database(), CancelNotice.CHANNEL)) {
			assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
			assertThat(listener.received()).containsExactly(id.toString());
		}
		Instant requestedAt = this.admin.find(id).orElseThrow().cancelRequestedAt();
		assertThat(requestedAt).isBetween(asked, this.tasks.databaseTime());
		Map<String, Object> after = this.tasks.row(id);
		assertThat(after).isNotEqualTo(before);
		before.keySet().removeAll(List.of("cancel_requested_at", "xmin"));
		assertThat(after).containsAllEntriesOf(before);
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		assertThat(this.admin.find(id).orElseThrow().cancelRequestedAt()).isEqualTo(requestedAt);
		assertThat(this.tasks.woken()).hasValue(0);
	}

	@Test
	void whoeverAwaitsATaskThatIsCancelledIsTold() throws SQLException {
		UUID id = this.tasks.ready();
		this.tasks.jdbc().update("UPDATE pg_task SET awaited = true");
		try (Listener listener = new Listener(this.tasks.database(), EndNotice.CHANNEL)) {
			this.admin.cancel(id);
			assertThat(listener.received()).containsExactly("cancelled " + id);
		}
	}

	@Test
	void aRetriedTaskIsNotCancelledAnyMoreAndKeepsWhatIsKnownOfItsFailures() {
		UUID id = this.tasks.parked();
		this.tasks.jdbc().update("UPDATE pg_task SET cancel_requested_at = now(), postponed = 3, failures = '[1]'");
		this.admin.retry(id);
		assertThat(this.tasks.jdbc().queryForMap("SELECT cancel_requested_at, postponed, failures::text FROM pg_task"))
			.isEqualTo(values("cancel_requested_at", null, "postponed", null, "failures", "[1]"));
	}

	@Test
	void aPriorityIsChangedOfWhatIsWaitingOrParked() {
		for (UUID id : List.of(this.tasks.ready(), this.tasks.scheduled(), this.tasks.parked(),
				this.tasks.abandoned())) {
			assertThat(this.admin.prioritize(id, 9)).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.find(id).orElseThrow().priority()).isEqualTo(9);
		}
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> this.admin.prioritize(UUID.randomUUID(), 10));
	}

	@Test
	void tasksAreDeletedByTagUnlessAWorkerHoldsThem() {
		List<UUID> tagged = List.of(this.tasks.ready(), this.tasks.scheduled(), this.tasks.parked(),
				this.tasks.abandoned());
		UUID held = this.tasks.ready();
		UUID running = this.tasks.ready();
		UUID other = this.tasks.ready();
		this.tasks.jdbc().update("UPDATE pg_task SET tags = '{red,green}' WHERE id <> ?", other);
		this.tasks.jdbc().update("UPDATE pg_task SET tags = '{green}' WHERE id = ?", other);
		this.tasks.jdbc().update("UPDATE pg_task SET hold = 'reserved' WHERE id = ?", held);
		this.tasks.jdbc().update("""
				UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 minute'
				WHERE id = ?""", running);
		assertThat(this.admin.deleteTagged("red")).isEqualTo(tagged.size() + 1);
		assertThat(this.tasks.jdbc().queryForList("SELECT id FROM pg_task", UUID.class))
			.containsExactlyInAnyOrder(running, other);
		assertThat(this.admin.deleteTagged("blue")).isZero();
		assertThat(this.admin.deleteTagged("\0")).isZero();
	}

	@Test
	void whoeverAwaitsATaskThatIsDeletedByTagIsTold() throws SQLException {
		UUID awaited = this.tasks.ready();
		this.tasks.ready();
		this.tasks.jdbc()
			.update("UPDATE pg_task SET tags = '{red}', awaited = CASE WHEN id = ? THEN true END", awaited);
		try (Listener listener = new Listener(this.tasks.database(), EndNotice.CHANNEL)) {
			assertThat(this.admin.deleteTagged("red")).isEqualTo(2);
			assertThat(listener.received()).containsExactly("deleted " + awaited);
		}
	}

	@Test
	void aHeldTaskIsRescheduledAndStaysHeld() {
		UUID id = this.tasks.ready();
		this.tasks.jdbc().update("UPDATE pg_task SET hold = 'reserved', wakeup_at = now() + interval '1 hour'");
		Instant until = this.admin.find(id).orElseThrow().heldUntil();
		assertThat(this.admin.reschedule(id, AdminTasks.LATER)).isEqualTo(ActionResult.DONE);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.HELD);
		assertThat(task.wakeupAt()).isEqualTo(AdminTasks.LATER);
		assertThat(task.heldUntil()).isEqualTo(until);
	}

	@Test
	void aWaitingTaskIsRescheduled() {
		for (UUID id : List.of(this.tasks.ready(), this.tasks.scheduled(), this.tasks.abandoned())) {
			assertThat(this.admin.reschedule(id, AdminTasks.LATER)).isEqualTo(ActionResult.DONE);
			TaskInfo task = this.admin.find(id).orElseThrow();
			assertThat(task.wakeupAt()).isEqualTo(AdminTasks.LATER);
			assertThat(task.state()).isEqualTo(TaskState.SCHEDULED);
		}
	}

	@Test
	void reschedulingKeepsWhatIsKnownOfTheAttempts() {
		UUID id = this.tasks.insert("{\"T\":{\"S\":1}}", "tried, delivery, last_error", "2, 5, 'failed'");
		this.admin.reschedule(id, AdminTasks.LATER);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.tried()).isEqualTo(2);
		assertThat(task.delivery()).isEqualTo(5);
		assertThat(task.lastError()).isEqualTo("failed");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1999-01-01T00:00:00Z", "-1000000000-01-01T00:00:00Z" })
	void aTaskRescheduledToThePastIsDueNow(Instant past) {
		UUID id = this.tasks.scheduled();
		Instant before = this.tasks.databaseTime();
		assertThat(this.admin.reschedule(id, past)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.find(id).orElseThrow().wakeupAt()).isBetween(before, this.tasks.databaseTime());
	}

	@Test
	void aParkedTaskIsNotRescheduled() {
		this.tasks.assertUntouched(this.tasks.parked(), (id) -> this.admin.reschedule(id, AdminTasks.LATER),
				ActionResult.NOT_APPLICABLE);
	}

	@Test
	void badArgumentsAreRefused() {
		UUID id = this.tasks.scheduled();
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> this.admin.reschedule(id, Instant.MAX))
			.withMessageContaining("later than");
		assertThatNullPointerException().isThrownBy(() -> this.admin.reschedule(id, nothing()));
		assertThatNullPointerException().isThrownBy(() -> this.admin.reschedule((UUID) nothing(), AdminTasks.LATER));
		assertThatNullPointerException().isThrownBy(() -> this.admin.retry((UUID) nothing()));
		assertThatNullPointerException().isThrownBy(() -> this.admin.cancel((UUID) nothing()));
		assertThatNullPointerException().isThrownBy(() -> this.admin.delete((UUID) nothing()));
	}

	@ParameterizedTest
	@EnumSource(AdminAction.class)
	void aTaskThatIsNotThereIsNotFound(AdminAction action) {
		this.tasks.ready();
		assertThat(action.act(this.admin, UUID.randomUUID())).isEqualTo(ActionResult.NOT_FOUND);
		assertThat(this.tasks.woken()).hasValue(0);
	}

	private static Map<String, @Nullable Object> values(@Nullable Object... namesAndValues) {
		Map<String, @Nullable Object> values = new HashMap<>();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			values.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
		}
		return values;
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

}
