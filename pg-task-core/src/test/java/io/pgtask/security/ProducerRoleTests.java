package io.pgtask.security;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

import io.pgtask.NextStep;
import io.pgtask.OnConflict;
import io.pgtask.TaskOptions;
import io.pgtask.store.SchemaCheck;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.BadSqlGrammarException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Lets a producer enqueue as the role of the guide, without and with the grants for keys.
 */
@PostgresTest
class ProducerRoleTests {

	private static final TaskTable TABLE = TaskTable.inSchema("tasks");

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final TaskOptions LATER = TaskOptions.DEFAULT.withDelay(Duration.ofHours(1));

	private final Roles roles;

	private final Node node;

	ProducerRoleTests(TestDatabase database) throws Exception {
		this.roles = Roles.create(database, false);
		this.roles.grant(SecurityGuide.PRODUCER);
		this.node = new Node(this.roles.pool("producer"), TABLE);
	}

	@AfterEach
	void dropRoles() throws Exception {
		this.node.close();
		this.roles.close();
	}

	@Test
	void theGrantsAreAllThatTheStartAsksFor() {
		SchemaCheck.verify(this.roles.pool("producer"), TABLE);
	}

	@Test
	void tasksAreEnqueuedWithEverythingButAKey() throws Exception {
		this.node.client().enqueue(new Errand.Fetch("now"));
		this.node.client().delay(new Errand.Fetch("soon"), Duration.ofMinutes(1));
		this.node.client().schedule(new Errand.Fetch("then"), Instant.now().plusSeconds(60));
		this.node.client()
			.enqueue(new Errand.Fetch("all"),
					TaskOptions.DEFAULT.withPriority(9)
						.withTags("a", "b")
						.withHeader("tenant", "a")
						.withDeadline(Duration.ofHours(1)));
		this.node.client().enqueueAll(IntStream.range(0, 1000).mapToObj((i) -> new Errand.Fetch("many")));
		assertThat(this.roles.strings("SELECT count(*) FROM tasks.pg_task WHERE task = 'Errand'"))
			.containsExactly("1004");
	}

	@Test
	void whatNeedsMoreIsRefusedByTheServer() {
		assertThatExceptionOfType(BadSqlGrammarException.class).isThrownBy(
				() -> this.node.client().enqueue(new Errand.Fetch("a"), LATER.withUniqueKey("key", OnConflict.KEEP)))
			.havingRootCause()
			.withMessageContaining("permission denied for table pg_task");
	}

	@Test
	void withMoreGrantsKeysReservationsAndWaitingWork() throws Exception {
		this.roles.grant(SecurityGuide.PRODUCER_WITH_KEYS);
		this.roles.grant(SecurityGuide.WORKER);
		UUID first = this.node.client().enqueue(new Errand.Fetch("a"), LATER.withUniqueKey("key", OnConflict.REJECT));
		assertThat(this.node.client().enqueue(new Errand.Fetch("b"), LATER.withUniqueKey("key", OnConflict.KEEP)))
			.isEqualTo(first);
		assertThat(this.node.client().enqueue(new Errand.Fetch("c"), LATER.withUniqueKey("key", OnConflict.REPLACE)))
			.isEqualTo(first);
		this.node.client()
			.reserve(new Errand.Fetch("d"), LATER.withUniqueKey("reserved", OnConflict.KEEP), Duration.ofMillis(1));
		await().atMost(PATIENCE)
			.until(() -> this.node.client()
				.enqueue(new Errand.Fetch("e"), LATER.withUniqueKey("reserved", OnConflict.KEEP)) != null);
		UUID confirmed = this.node.client().reserve(new Errand.Fetch("f"), LATER, Duration.ofMinutes(1));
		assertThat(this.node.client().confirmAll(Set.of(confirmed))).containsExactly(confirmed);
		try (Node worker = new Node(this.roles.pool("worker"), TABLE)) {
			worker.work((state, context) -> NextStep.done(), (state, context) -> NextStep.done(),
					(state, context) -> NextStep.done());
			assertThat(this.node.client().enqueueAndAwait(new Errand.Fetch("now"), PATIENCE).isDone()).isTrue();
		}
	}

	@Test
	void nothingElseIsAllowed() throws Exception {
		assertThat(List.of("SELECT id FROM tasks.pg_task", "SELECT count(*) FROM tasks.pg_task",
				"INSERT INTO tasks.pg_task (step) VALUES ('{}') RETURNING id",
				"INSERT INTO tasks.pg_task (step) VALUES ('{}') ON CONFLICT (id) DO UPDATE SET step = '{}'",
				"COPY tasks.pg_task TO STDOUT", "UPDATE tasks.pg_task SET error = NULL", "DELETE FROM tasks.pg_task",
				"TRUNCATE tasks.pg_task", "SELECT FROM tasks.pg_task_paused",
				"INSERT INTO tasks.pg_task_paused (task) VALUES ('Errand')", "SELECT FROM tasks.pg_task_history",
				"INSERT INTO tasks.pg_task_dead SELECT", "SELECT FROM tasks.pg_task_dead",
				"SELECT tasks.pg_task_schema()", "SELECT tasks.pg_task_step('')",
				"SELECT tasks.pg_task_history_due(1, '1 day')", "SELECT tasks.pg_task_history_prepare(1)",
				"SELECT tasks.pg_task_history_prune('1 day')", "CREATE TABLE tasks.more (id int)",
				"DROP TABLE tasks.pg_task", "SET ROLE tasks_worker"))
			.allSatisfy((statement) -> assertThat(this.roles.refusal("producer", statement)).isEqualTo("42501"));
	}

	@Test
	void withMoreGrantsStatesAreStillHidden() throws Exception {
		this.roles.grant(SecurityGuide.PRODUCER_WITH_KEYS);
		assertThat(List.of("SELECT step FROM tasks.pg_task", "SELECT headers FROM tasks.pg_task",
				"SELECT last_error, failures FROM tasks.pg_task", "SELECT passed FROM tasks.pg_task",
				"UPDATE tasks.pg_task SET error = NULL RETURNING step", "DELETE FROM tasks.pg_task RETURNING *",
				"UPDATE tasks.pg_task SET tags = ARRAY[step]", "UPDATE tasks.pg_task SET id = gen_random_uuid()",
				"UPDATE tasks.pg_task SET unique_key = 'mine'", "TRUNCATE tasks.pg_task",
				"INSERT INTO tasks.pg_task_paused (task) VALUES ('Errand')", "DELETE FROM tasks.pg_task_dead",
				"SELECT tasks.pg_task_history_prune('1 day')"))
			.allSatisfy((statement) -> assertThat(this.roles.refusal("producer", statement)).isEqualTo("42501"));
	}

}
