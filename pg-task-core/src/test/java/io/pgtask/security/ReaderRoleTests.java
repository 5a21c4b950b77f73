package io.pgtask.security;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

import io.pgtask.DeadTaskQuery;
import io.pgtask.HistoryQuery;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.TaskOutcome;
import io.pgtask.TaskQuery;
import io.pgtask.TaskSelection;
import io.pgtask.TaskState;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.SchemaCheck;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.BadSqlGrammarException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Lets a reader look at everything as the role of the guide.
 */
@PostgresTest
class ReaderRoleTests {

	private static final TaskTable TABLE = TaskTable.inSchema("tasks").keeping(HistorySettings.ALL.withDeadTasks(true));

	private static final UUID ID = UUID.fromString("0198c0de-0000-7000-8000-000000000001");

	private final Roles roles;

	private final Node node;

	ReaderRoleTests(TestDatabase database) throws Exception {
		this.roles = Roles.create(database, false);
		this.roles.grant(SecurityGuide.READER);
		this.node = new Node(this.roles.pool("reader"), TABLE);
		this.roles.executeAsAdministrator(
				"""
						INSERT INTO tasks.pg_task (id, step, error, tags, unique_key)
						VALUES ('%1$s', '{"Errand":{"Fetch":{"what":"a"}}}', 'broken', '{a}', 'key');
						INSERT INTO tasks.pg_task_paused (task) VALUES ('Errand');
						INSERT INTO tasks.pg_task_history (id, task, outcome, tags, tried, delivery, priority, created_at, ended_at)
						VALUES ('%1$s', 'Errand', 'CANCELLED', '{a}', 0, 1, 4, now(), now());
						INSERT INTO tasks.pg_task_dead (id, task, step, error, tags, tried, delivery, priority, created_at, parked_at)
						VALUES ('%1$s', 'Errand', '{"Errand":{"Fetch":{"what":"a"}}}', 'broken', '{a}', 0, 1, 4, now(), now())"""
					.formatted(ID));
	}

	@AfterEach
	void dropRoles() throws Exception {
		this.node.close();
		this.roles.close();
	}

	@Test
	void theGrantsAreAllThatTheStartAsksFor() {
		SchemaCheck.verifyForReader(this.roles.pool("reader"), TABLE);
		assertThatExceptionOfType(PgTaskConfigurationException.class)
			.isThrownBy(() -> SchemaCheck.verify(this.roles.pool("reader"), TABLE))
			.withMessageEndingWith(": INSERT");
	}

	@Test
	void tasksAreFoundAndCountedInEveryState() {
		for (TaskState state : TaskState.values()) {
			assertThatTasksAreFoundAndCounted(state);
		}
	}

	private void assertThatTasksAreFoundAndCounted(TaskState state) {
		TaskSelection selection = TaskSelection.all()
			.in(state)
			.ofType("Errand")
			.atStep("Fetch")
			.tagged("a")
			.withUniqueKey("key")
			.olderThan(Duration.ofNanos(1000));
		List<TaskSelection> selections = List.of(selection, TaskSelection.all().in(state), TaskSelection.all());
		assertThat(selections).extracting((each) -> this.node.admin().find(TaskQuery.of(each)).size())
			.containsExactly((state == TaskState.ERRORED) ? 1 : 0, (state == TaskState.ERRORED) ? 1 : 0, 1);
		assertThat(selections).extracting((each) -> this.node.admin().count(each))
			.containsExactly((state == TaskState.ERRORED) ? 1L : 0, (state == TaskState.ERRORED) ? 1L : 0, 1L);
	}

	@Test
	void everythingElseIsReadToo() {
		assertThat(this.node.admin().find(ID)).isPresent();
		assertThat(this.node.admin().counts()).hasSize(1);
		assertThat(this.node.admin().pausedTypes()).hasSize(1);
		assertThat(this.node.history().find(ID)).isPresent();
		assertThat(this.node.history().find(HistoryQuery.all())).hasSize(1);
		assertThat(this.node.history()
			.find(HistoryQuery.all().ofType("Errand").tagged("a").endedAs(TaskOutcome.CANCELLED))).hasSize(1);
		assertThat(this.node.deadTasks().find(ID)).isPresent();
		assertThat(this.node.deadTasks().find(DeadTaskQuery.all().tagged("a").withError("broken"))).hasSize(1);
		assertThat(this.node.deadTasks().count(DeadTaskQuery.all().ofType("Errand"))).isEqualTo(1);
	}

	@Test
	void whatChangesSomethingIsRefusedByTheServer() {
		assertThatExceptionOfType(BadSqlGrammarException.class).isThrownBy(() -> this.node.admin().retry(ID))
			.havingRootCause()
			.withMessageContaining("permission denied for table pg_task");
	}

	@Test
	void nothingElseIsAllowed() throws Exception {
		assertThat(List.of("INSERT INTO tasks.pg_task (step) VALUES ('{}')", "UPDATE tasks.pg_task SET error = NULL",
				"DELETE FROM tasks.pg_task", "TRUNCATE tasks.pg_task", "SELECT FROM tasks.pg_task FOR UPDATE",
				"SELECT FROM tasks.pg_task FOR KEY SHARE", "LOCK TABLE tasks.pg_task IN SHARE MODE",
				"COPY tasks.pg_task (step) FROM STDIN", "INSERT INTO tasks.pg_task_paused (task) VALUES ('More')",
				"UPDATE tasks.pg_task_paused SET reason = 'mine'", "DELETE FROM tasks.pg_task_paused",
				"UPDATE tasks.pg_task_history SET outcome = 'DONE'", "DELETE FROM tasks.pg_task_history",
				"INSERT INTO tasks.pg_task_history SELECT FROM tasks.pg_task_history", "DELETE FROM tasks.pg_task_dead",
				"UPDATE tasks.pg_task_dead SET error = 'mine'", "TRUNCATE tasks.pg_task_dead",
				"SELECT tasks.pg_task_schema()", "SELECT tasks.pg_task_type('')",
				"SELECT tasks.pg_task_history_due(1, '1 day')", "SELECT tasks.pg_task_history_prepare(1)",
				"SELECT tasks.pg_task_history_prune('1 day')", "CREATE TABLE tasks.more (id int)",
				"DROP TABLE tasks.pg_task", "SET ROLE tasks_worker"))
			.allSatisfy((statement) -> assertThat(this.roles.refusal("reader", statement)).isEqualTo("42501"));
	}

}
