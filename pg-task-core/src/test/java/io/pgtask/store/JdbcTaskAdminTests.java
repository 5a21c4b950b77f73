package io.pgtask.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.FailedAttempt;
import io.pgtask.TaskCount;
import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
import io.pgtask.TaskState;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link JdbcTaskAdmin}: what it shows of a task.
 */
@TaskTableTest
class JdbcTaskAdminTests {

	private final AdminTasks tasks;

	private final JdbcTaskAdmin admin;

	JdbcTaskAdminTests(TestDatabase database) {
		this.tasks = new AdminTasks(database);
		this.admin = this.tasks.admin();
	}

	@AfterEach
	void close() {
		this.tasks.close();
	}

	@Test
	void aTaskIsShownWithAllItsColumns() {
		UUID id = UUID.randomUUID();
		this.tasks.jdbc()
			.update("""
					INSERT INTO pg_task (id, step, wakeup_at, tried, error, created_at, updated_at, priority, delivery,
						parked_at, last_error, headers, tags, unique_key, deadline, cancel_requested_at, postponed, failures)
					VALUES (?, '{"Greeter":{"ReadName":{"filename":"name.txt"}}}', '2020-01-02T03:04:05.000006Z', 3, 'the error',
						'2020-01-02T03:04:05.000007Z', '2020-01-02T03:04:05.000008Z', 7, 5, now(), 'the last error',
						'{"trace":"1","n":2}', '{red,green}', 'the key',
						'2020-01-02T03:04:05.000009Z', '2020-01-02T03:04:05.00001Z', 6,
						'[{"at":"2020-01-02T03:04:05.00001+01:00","attempt":3,"delivery":5,"worker":"me","took_ms":12,"error":"the last error","stack_trace":"where"}, "strange"]')""",
					id);
		assertThat(this.admin.find(id)).contains(new TaskInfo(id, "Greeter", "ReadName", TaskState.ERRORED,
				"{\"filename\":\"name.txt\"}", Instant.parse("2020-01-02T03:04:05.000006Z"), 3, 5, 7, "the error",
				"the last error", null, Instant.parse("2020-01-02T03:04:05.000007Z"),
				Instant.parse("2020-01-02T03:04:05.000008Z"), Map.of("trace", "1", "n", "2"), List.of("green", "red"),
				"the key", Instant.parse("2020-01-02T03:04:05.000009Z"), null, null,
				Instant.parse("2020-01-02T03:04:05.00001Z"), 6,
				List.of(new FailedAttempt(Instant.parse("2020-01-02T02:04:05.00001Z"), 3, 5, "me",
						Duration.ofMillis(12), "the last error", "where"))));
		assertThat(this.admin.find(TaskQuery.all())).singleElement()
			.satisfies((task) -> assertThat(task.failures()).as("too much for a list").isEmpty())
			.usingRecursiveComparison()
			.ignoringFields("failures")
			.isEqualTo(this.admin.find(id).orElseThrow());
	}

	@Test
	void aTaskThatIsNotThereIsNotFound() {
		assertThat(this.admin.find(UUID.randomUUID())).isEmpty();
		assertThat(this.admin.find(TaskQuery.all())).isEmpty();
		assertThat(this.admin.counts()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "nonsense", "", "{\"Greeter\"", "[1]" })
	void aRowWhoseTextIsNoStepIsShownWithTheWholeText(String text) {
		UUID id = this.tasks.insert(text);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.taskType()).isNull();
		assertThat(task.step()).isNull();
		assertThat(task.stateJson()).isEqualTo(text);
		assertThat(this.admin.find(TaskQuery.all())).containsExactly(task);
		assertThat(this.admin.find(TaskQuery.all().in(TaskState.READY))).containsExactly(task);
		assertThat(this.admin.counts()).extracting(TaskCount::taskType).containsExactly((String) null);
	}

	@Test
	void aTaskIsErroredWhateverElseItsRowSays() {
		assertThat(stateOf("error = 'x'")).isEqualTo(TaskState.ERRORED);
		assertThat(stateOf("error = ''")).isEqualTo(TaskState.ERRORED);
		assertThat(stateOf(
				"error = 'x', locked_by = gen_random_uuid(), lock_expires_at = clock_timestamp() + interval '1 min'"))
			.isEqualTo(TaskState.ERRORED);
	}

	@Test
	void aHeldTaskIsShownWithItsTrueDueTimeAndTheEndOfTheHold() {
		UUID id = this.tasks.insertGreeter();
		this.tasks.jdbc()
			.update("""
					UPDATE pg_task SET hold = 'reserved', wakeup_at = '2020-01-02T03:04:05Z', hold_due = '2030-01-02T03:04:05Z'
					WHERE id = ?""",
					id);
		assertThat(this.admin.find(id)).hasValueSatisfying((task) -> {
			assertThat(task.state()).isEqualTo(TaskState.HELD);
			assertThat(task.hold()).isEqualTo("reserved");
			assertThat(task.wakeupAt()).isEqualTo(Instant.parse("2030-01-02T03:04:05Z"));
			assertThat(task.heldUntil()).isEqualTo(Instant.parse("2020-01-02T03:04:05Z"));
		});
		assertThat(stateOf("hold = 'reserved', error = 'x'")).isEqualTo(TaskState.ERRORED);
	}

	@Test
	void aTaskRunsWhileItsLeaseLives() {
		UUID id = this.tasks.insertGreeter();
		this.tasks.jdbc()
			.update("""
					UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = clock_timestamp() + interval '1 min'""");
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.RUNNING);
		assertThat(task.leaseExpiresAt()).isEqualTo(this.tasks.timeOf("lock_expires_at", id));
		this.tasks.jdbc().update("UPDATE pg_task SET lock_expires_at = statement_timestamp()");
		task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.READY);
		assertThat(task.leaseExpiresAt()).isNull();
	}

	@Test
	void aTaskWaitsUntilItIsDueByTheClockOfTheDatabase() {
		assertThat(stateOf("wakeup_at = clock_timestamp()")).isEqualTo(TaskState.READY);
		assertThat(stateOf("wakeup_at = clock_timestamp() + interval '1 min'")).isEqualTo(TaskState.SCHEDULED);
		assertThat(stateOf("""
				wakeup_at = clock_timestamp() + interval '1 min',
				locked_by = gen_random_uuid(), lock_expires_at = clock_timestamp() - interval '1 min'"""))
			.isEqualTo(TaskState.SCHEDULED);
	}

	@Test
	void endlessTimesAreShown() {
		UUID never = this.tasks.insertGreeter();
		this.tasks.jdbc().update("UPDATE pg_task SET wakeup_at = 'infinity', error = NULL");
		UUID always = this.tasks.insertGreeter();
		this.tasks.jdbc().update("UPDATE pg_task SET wakeup_at = '-infinity' WHERE id = ?", always);
		assertThat(this.admin.find(never).orElseThrow().wakeupAt()).isAfter(Instant.parse("+900000-01-01T00:00:00Z"));
		assertThat(this.admin.find(always).orElseThrow().wakeupAt()).isBefore(Instant.parse("-900000-01-01T00:00:00Z"));
		assertThat(this.admin.find(never).orElseThrow().state()).isEqualTo(TaskState.SCHEDULED);
		assertThat(this.admin.counts()).extracting(TaskCount::state)
			.containsExactly(TaskState.READY, TaskState.SCHEDULED);
		assertThat(this.admin.counts().get(0).oldestAge()).isGreaterThan(Duration.ofDays(365L * 100_000));
	}

	@Test
	void theTableMayBeInAnyOtherSchema() {
		TaskTable table = TaskTable.inSchema("Strange \"schema\" :type ? {is} 🐘");
		TaskSchema.create(this.tasks.dataSource(), table, false);
		UUID id = UUID.randomUUID();
		this.tasks.jdbc()
			.update("INSERT INTO " + table + " (id, step, error) VALUES (?, '{\"T\":{\"S\":1}}', 'x')", id);
		JdbcTaskAdmin elsewhere = new JdbcTaskAdmin(this.tasks.dataSource(), table, this.tasks.wakeups());
		assertThat(elsewhere.find(id)).isPresent();
		assertThat(elsewhere.find(TaskQuery.all().ofType("T").atStep("S").in(TaskState.ERRORED))).hasSize(1);
		assertThat(elsewhere.counts()).hasSize(1);
		assertThat(new ParkedTaskReader(this.tasks.dataSource(), table).read(id)).isPresent();
		assertThat(elsewhere.delete(id)).isEqualTo(JdbcTaskAdmin.ActionResult.DONE);
	}

	@Test
	void nullsAreRefused() {
		assertThatNullPointerException().isThrownBy(() -> this.admin.find((TaskQuery) nothing()))
			.withMessageContaining("TaskQuery.all()");
		assertThatNullPointerException().isThrownBy(() -> this.admin.find((UUID) nothing()))
			.withMessage("The task's id must not be null");
	}

	private TaskState stateOf(String change) {
		UUID id = this.tasks.insertGreeter();
		this.tasks.jdbc().update("UPDATE pg_task SET " + change + " WHERE id = ?", id);
		return this.admin.find(id).orElseThrow().state();
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

}
