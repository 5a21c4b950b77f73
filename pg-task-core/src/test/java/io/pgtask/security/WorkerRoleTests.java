package io.pgtask.security;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.pgtask.DeadTaskQuery;
import io.pgtask.HousekeepingReport;
import io.pgtask.NextStep;
import io.pgtask.OnConflict;
import io.pgtask.StepContext;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskEnd;
import io.pgtask.TaskOptions;
import io.pgtask.TaskOutcome;
import io.pgtask.TaskSelection;
import io.pgtask.TaskState;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.HousekeepingSettings;
import io.pgtask.store.SchemaCheck;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Lets a worker do everything as the role of the guide.
 */
@PostgresTest
class WorkerRoleTests {

	private static final TaskTable TABLE = TaskTable.inSchema("tasks").keeping(HistorySettings.ALL.withDeadTasks(true));

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final CountDownLatch goOn = new CountDownLatch(1);

	private final Roles roles;

	private final Node node;

	WorkerRoleTests(TestDatabase database) throws Exception {
		this.roles = Roles.create(database, false);
		this.roles.grant(SecurityGuide.WORKER);
		this.node = new Node(this.roles.pool("worker"), TABLE);
	}

	@AfterEach
	void dropRoles() throws Exception {
		this.goOn.countDown();
		this.node.close();
		this.roles.close();
	}

	@Test
	void theGrantsAreAllThatTheStartAsksFor() {
		SchemaCheck.verify(this.roles.pool("worker"), TABLE);
		SchemaCheck.verifyForWorker(this.roles.pool("worker"), TABLE);
		SchemaCheck.verifyForHousekeeping(this.roles.pool("worker"), TABLE);
	}

	@Test
	void aTaskPassesItsStepsWithARetryATransactionACheckpointAndALongLease() throws Exception {
		work();
		TaskEnd end = this.node.client().enqueueAndAwait(new Errand.Fetch("twice"), PATIENCE);
		assertThat(this.node.history().find(end.taskId())).hasValueSatisfying((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.DONE);
			assertThat(task.step()).isEqualTo("Deliver");
			assertThat(task.passed()).hasSize(2);
		});
	}

	@Test
	void keysReservationsBulksAndDeadlinesWork() throws Exception {
		TaskOptions keyed = TaskOptions.DEFAULT.withTags("errand").withDelay(Duration.ofHours(1));
		UUID first = this.node.client().enqueue(new Errand.Fetch("a"), keyed.withUniqueKey("key", OnConflict.REJECT));
		assertThat(this.node.client().enqueue(new Errand.Fetch("b"), keyed.withUniqueKey("key", OnConflict.KEEP)))
			.isEqualTo(first);
		assertThat(this.node.client().enqueue(new Errand.Fetch("c"), keyed.withUniqueKey("key", OnConflict.REPLACE)))
			.isEqualTo(first);
		UUID reserved = this.node.client().reserve(new Errand.Fetch("d"), keyed, Duration.ofMinutes(1));
		assertThat(this.node.client().confirmAll(Set.of(reserved))).containsExactly(reserved);
		UUID lapsing = this.node.client()
			.reserve(new Errand.Fetch("e"), keyed.withUniqueKey("lapsing", OnConflict.KEEP), Duration.ofMillis(1));
		UUID missed = this.node.client()
			.enqueue(new Errand.Fetch("f"), TaskOptions.DEFAULT.withDeadline(Instant.now().minusSeconds(60)));
		List<UUID> many = this.node.client()
			.enqueueAll(IntStream.range(0, 100).mapToObj((i) -> new Errand.Deliver("many")));
		work();
		await().atMost(PATIENCE).untilAsserted(() -> {
			assertThat(this.node.history().find(lapsing))
				.hasValueSatisfying((task) -> assertThat(task.outcome()).isEqualTo(TaskOutcome.LAPSED));
			assertThat(this.node.history().find(missed))
				.hasValueSatisfying((task) -> assertThat(task.outcome()).isEqualTo(TaskOutcome.EXPIRED));
			assertThat(many).allSatisfy((id) -> assertThat(this.node.history().find(id)).isPresent());
		});
		assertThat(this.node.admin().deleteTagged("errand")).isEqualTo(2);
	}

	@Test
	void tasksAreParkedRetriedCancelledPausedAndMovedToTheDeadOnes() throws Exception {
		work();
		UUID parked = this.node.client().enqueue(new Errand.Fetch("never"));
		awaitParked(parked);
		assertThat(this.node.admin().retry(parked)).isEqualTo(ActionResult.DONE);
		awaitParked(parked);
		assertThat(this.node.admin().retry(parked, "{\"what\":\"never\"}")).isEqualTo(ActionResult.DONE);
		awaitParked(parked);
		this.roles.executeAsAdministrator("UPDATE tasks.pg_task SET parked_at = now() - interval '8 days'");
		assertThat(this.node.housekeeping(HousekeepingSettings.DEFAULT).moveDeadTasks().dead()).isEqualTo(1);
		assertThat(this.node.deadTasks().redrive(DeadTaskQuery.all())).isEqualTo(1);
		awaitParked(parked);
		this.roles.executeAsAdministrator("UPDATE tasks.pg_task SET parked_at = now() - interval '8 days'");
		assertThat(this.node.housekeeping(HousekeepingSettings.DEFAULT).run().dead()).isEqualTo(1);
		assertThat(this.node.deadTasks().delete(parked)).isEqualTo(ActionResult.DONE);
		UUID held = this.node.client().enqueue(new Errand.Fetch("held"));
		await().atMost(PATIENCE).until(() -> this.node.admin().cancel(held) == ActionResult.REQUESTED);
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(this.node.history().find(held))
				.hasValueSatisfying((task) -> assertThat(task.outcome()).isEqualTo(TaskOutcome.CANCELLED)));
		assertThat(this.node.admin().pauseType("Errand", "as a role")).isEqualTo(ActionResult.DONE);
		UUID waiting = this.node.client().enqueue(new Errand.Deliver("paused"));
		assertThat(this.node.admin().prioritize(waiting, 9)).isEqualTo(ActionResult.DONE);
		assertThat(this.node.admin().reschedule(TaskSelection.all(), Instant.now()).done()).isEqualTo(1);
		assertThat(this.node.admin().pausedTypes()).hasSize(1);
		assertThat(this.node.admin().resumeType("Errand")).isEqualTo(ActionResult.DONE);
		await().atMost(PATIENCE).until(() -> this.node.history().find(waiting).isPresent());
	}

	@Test
	void partitionsAreMadeAndDroppedByARoleThatOwnsNothing() throws Exception {
		HousekeepingReport made = this.node.housekeeping(HousekeepingSettings.DEFAULT).run();
		assertThat(made.created()).hasSize(4);
		this.roles.executeAsAdministrator("""
				CREATE TABLE tasks.pg_task_history_20200101 PARTITION OF tasks.pg_task_history
				FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2020-01-02 00:00:00+00');
				ALTER TABLE tasks.pg_task_history_20200101 OWNER TO tasks_owner""");
		assertThat(this.node.housekeeping(HousekeepingSettings.DEFAULT).pruneHistory().dropped())
			.containsExactly("pg_task_history_20200101");
	}

	/**
	 * Notifications are everybody's; the row is not.
	 */
	@Test
	void aForgedCancellationEndsNoTask() throws Exception {
		work();
		UUID held = this.node.client().enqueue(new Errand.Fetch("held"));
		await().atMost(PATIENCE).until(() -> this.node.admin().find(held).orElseThrow().state() == TaskState.RUNNING);
		this.roles.execute("reader", "NOTIFY pg_task_cancel, '" + held + "'");
		this.goOn.countDown();
		await().atMost(PATIENCE).until(() -> this.node.history().find(held).isPresent());
		assertThat(this.node.history().find(held).orElseThrow().outcome()).isEqualTo(TaskOutcome.DONE);
	}

	@Test
	void nothingElseIsAllowed() throws Exception {
		assertThat(List.of("ALTER TABLE tasks.pg_task ADD COLUMN more text", "DROP TABLE tasks.pg_task",
				"TRUNCATE tasks.pg_task", "CREATE INDEX ON tasks.pg_task (id)", "CREATE TABLE tasks.more (id int)",
				"CREATE TRIGGER more AFTER INSERT ON tasks.pg_task EXECUTE FUNCTION tasks.pg_task_notify_on_change()",
				"DROP FUNCTION tasks.pg_task_schema()", "ALTER FUNCTION tasks.pg_task_history_due RESET ALL",
				"CREATE OR REPLACE FUNCTION tasks.pg_task_schema(OUT version int, OUT shared_with_rust boolean) LANGUAGE sql AS 'SELECT 9, true'",
				"UPDATE tasks.pg_task_history SET outcome = 'DONE'", "DELETE FROM tasks.pg_task_history",
				"TRUNCATE tasks.pg_task_history", "DROP TABLE tasks.pg_task_history_default",
				"DELETE FROM tasks.pg_task_history_default", "SELECT FROM tasks.pg_task_history_default",
				"UPDATE tasks.pg_task_paused SET reason = 'mine'", "TRUNCATE tasks.pg_task_paused",
				"TRUNCATE tasks.pg_task_dead", "LOCK TABLE tasks.pg_task_history IN ACCESS EXCLUSIVE MODE",
				"CREATE SCHEMA more", "ALTER SCHEMA tasks RENAME TO more", "SET ROLE tasks_owner"))
			.allSatisfy((statement) -> assertThat(this.roles.refusal("worker", statement)).isEqualTo("42501"));
	}

	private void work() {
		this.node.work((state, context) -> switch (state.what()) {
			case "never" -> throw new IllegalStateException("as the test wants it");
			case "held" -> held();
			default -> again(state.what(), context);
		}, (state, context) -> {
			this.node.client().enqueue(new Errand.Deliver("child"));
			return NextStep.now(new Errand.Deliver(state.what()));
		}, (state, context) -> NextStep.done());
	}

	private NextStep<Errand> held() throws InterruptedException {
		try {
			this.goOn.await(60, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			if (this.goOn.getCount() > 0) {
				throw ex;
			}
		}
		return NextStep.now(new Errand.Deliver("held"));
	}

	/** The first attempt outlives its lease unless that is renewed, and fails. */
	private NextStep<Errand> again(String what, StepContext context) throws InterruptedException {
		context.checkpoint(new Errand.Fetch(what));
		if (context.attempt() == 1) {
			Thread.sleep(4000);
			throw new IllegalStateException("as the test wants it");
		}
		return NextStep.now(new Errand.Carry(what));
	}

	private void awaitParked(UUID id) {
		await().atMost(PATIENCE)
			.until(() -> this.node.admin().find(id).filter((task) -> task.state() == TaskState.ERRORED).isPresent());
	}

}
