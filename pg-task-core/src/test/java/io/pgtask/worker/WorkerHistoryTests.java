package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.pgtask.EndedTask;
import io.pgtask.GateDecision;
import io.pgtask.HistoryQuery;
import io.pgtask.NextStep;
import io.pgtask.PassedStep;
import io.pgtask.StepGate;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskEnd;
import io.pgtask.TaskOutcome;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.HousekeepingSettings;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.JdbcTaskHistory;
import io.pgtask.store.JdbcTaskHousekeeping;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker} with a history, and for {@link TaskEndWatch}, which asks it
 * how a task has ended.
 */
@PostgresTest
@Timeout(120)
class WorkerHistoryTests {

	private static final HistorySettings KEEPING = HistorySettings.ALL.withDeadTasks(true);

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(KEEPING);

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final JdbcTaskHistory history;

	private final List<TaskEndWatch> watches = new ArrayList<>();

	WorkerHistoryTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database).keeping(KEEPING);
		this.history = new JdbcTaskHistory(database.dataSource(), TABLE);
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@BeforeEach
	void emptyTables() {
		this.harness.jdbc().sql("TRUNCATE pg_task, pg_task_history, pg_task_dead").update();
	}

	@AfterEach
	void stop() throws Exception {
		this.watches.forEach(TaskEndWatch::close);
		this.harness.stopAll();
	}

	@Test
	void theWholeJourneyOfATaskIsInItsRecord() {
		this.harness.retry(3, Duration.ofMillis(10)).start((state, context) -> {
			if (context.attempt() < 3) {
				throw new IllegalStateException("no luck in attempt " + context.attempt());
			}
			return NextStep.now(new Journey.Middle(state.name()));
		})
			.middle((state, context) -> NextStep.delay(new Journey.End(state.name()), Duration.ofMillis(5)))
			.end((state, context) -> NextStep.done());
		UUID id = this.harness.insert("Start", "a");
		Worker worker = this.harness.run();
		await().atMost(Duration.ofSeconds(30)).until(() -> this.history.find(id).isPresent());
		EndedTask task = this.history.find(id).orElseThrow();
		assertThat(task.outcome()).isEqualTo(TaskOutcome.DONE);
		assertThat(task.taskType()).isEqualTo("Journey");
		assertThat(task.step()).isEqualTo("End");
		assertThat(task.worker()).isEqualTo(worker.status().workerId());
		assertThat(task.passed()).extracting(PassedStep::step).containsExactly("Start", "Middle");
		assertThat(task.passed().get(0).tried()).isEqualTo(2);
		assertThat(task.passed().get(0).error()).contains("no luck in attempt 2");
		assertThat(task.passed().get(1).tried()).isZero();
		assertThat(task.error()).isNull();
		assertThat(this.harness.isGone(id)).isTrue();
	}

	@Test
	void aTransactionalStepEndsItsTaskAndWritesTheRecordInItsOwnTransaction() {
		this.harness.transactional(TransactionSettings.DEFAULT, "start", "end")
			.start((state, context) -> NextStep.now(new Journey.End(state.name())))
			.end((state, context) -> NextStep.done());
		UUID id = this.harness.insert("Start", "a");
		this.harness.run();
		await().atMost(Duration.ofSeconds(30)).until(() -> this.history.find(id).isPresent());
		assertThat(this.history.find(id).orElseThrow().passed()).extracting(PassedStep::step).containsExactly("Start");
	}

	@Test
	void aTaskThatWasNotStartedByItsDeadlineEndsAsExpired() {
		UUID id = this.harness.insertQuietly("Start", "late");
		this.harness.jdbc().sql("UPDATE pg_task SET deadline = now() - interval '1 second'").update();
		this.harness.run();
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.isGone(id));
		assertThat(this.history.find(id).orElseThrow()).satisfies((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.EXPIRED);
			assertThat(task.step()).isEqualTo("Start");
			assertThat(task.passed()).isEmpty();
		});
	}

	@Test
	void aTaskThatItsStepOrAGateCancelsEndsAsCancelled() {
		this.harness.retry(3, Duration.ofMillis(10)).start((state, context) -> {
			if (context.attempt() == 1) {
				throw new IllegalStateException("no luck");
			}
			return NextStep.cancel("nobody needs it");
		}).middle((state, context) -> NextStep.done());
		UUID byStep = this.harness.insert("Start", "a");
		UUID byGate = this.harness.insert("Middle", "a");
		StepGate gate = (request) -> request.step().equals("Middle") ? GateDecision.cancel("nobody may")
				: GateDecision.proceed();
		this.harness.run(WorkerHarness.QUICK, (worker) -> worker.gates(List.of(gate)));
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.isGone(byStep) && this.harness.isGone(byGate));
		assertThat(this.history.find(byStep).orElseThrow()).satisfies((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.CANCELLED);
			assertThat(task.error()).isEqualTo("nobody needs it");
			assertThat(task.failures()).singleElement()
				.satisfies((failure) -> assertThat(failure.error()).contains("no luck"));
		});
		assertThat(this.history.find(HistoryQuery.all().endedAs(TaskOutcome.CANCELLED))).extracting(EndedTask::id)
			.containsExactlyInAnyOrder(byStep, byGate);
		assertThat(this.history.find(byGate).orElseThrow().error()).isEqualTo("nobody may");
		assertThat(end(byGate, false)).isEqualTo(new TaskEnd(byGate, TaskEnd.Outcome.CANCELLED, null));
	}

	@Test
	void aRunningTaskThatIsCancelledIsRecordedAndToldAsCancelled() throws Exception {
		this.harness.start((state, context) -> {
			TimeUnit.MINUTES.sleep(1);
			return NextStep.done();
		});
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = watch(true).watch(id);
		Worker worker = this.harness.run();
		await().atMost(Duration.ofSeconds(30)).until(() -> worker.status().running() == 1);
		try (Wakeups wakeups = new Wakeups(this.database.dataSource())) {
			assertThat(new JdbcTaskAdmin(this.database.dataSource(), TABLE, wakeups).cancel(id))
				.isEqualTo(ActionResult.REQUESTED);
		}
		assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.CANCELLED, null));
		assertThat(this.history.find(id).orElseThrow()).satisfies((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.CANCELLED);
			assertThat(task.step()).isEqualTo("Start");
			assertThat(task.error()).isEqualTo("cancelled on request");
			assertThat(task.delivery()).isEqualTo(1);
			assertThat(task.worker()).isEqualTo(worker.status().workerId());
		});
	}

	@Test
	void aReservationThatNobodyConfirmsEndsAsLapsed() {
		UUID id = this.harness.insertQuietly("Start", "reserved");
		this.harness.jdbc().sql("UPDATE pg_task SET hold = 'reserved', hold_due = now()").update();
		this.harness.run();
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.isGone(id));
		assertThat(this.history.find(id).orElseThrow().outcome()).isEqualTo(TaskOutcome.LAPSED);
		assertThat(end(id, false)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.EXPIRED, null));
	}

	@Test
	void whoAsksForATaskThatHasEndedLongAgoIsToldHow() {
		UUID done = this.harness.insert("Start", "a");
		this.harness.run();
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.isGone(done));
		UUID expired = ended("EXPIRED");
		UUID cancelled = ended("CANCELLED");
		UUID ofTheFuture = ended("OF_THE_FUTURE");
		for (boolean listen : List.of(true, false)) {
			assertThat(end(done, listen)).isEqualTo(new TaskEnd(done, TaskEnd.Outcome.DONE, null));
			assertThat(end(expired, listen)).isEqualTo(new TaskEnd(expired, TaskEnd.Outcome.EXPIRED, null));
			assertThat(end(cancelled, listen)).isEqualTo(new TaskEnd(cancelled, TaskEnd.Outcome.CANCELLED, null));
			assertThat(end(ofTheFuture, listen).outcome()).isEqualTo(TaskEnd.Outcome.GONE);
			assertThat(end(UUID.randomUUID(), listen).outcome()).isEqualTo(TaskEnd.Outcome.GONE);
		}
	}

	@Test
	void withoutListeningAnAwaitedTaskIsDoneAndNotJustGone() throws Exception {
		this.harness.start((state, context) -> NextStep.delay(new Journey.End(state.name()), Duration.ofMillis(300)));
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = watch(false).watch(id);
		this.harness.run();
		assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.DONE, null));
	}

	@Test
	void anAwaitedTaskThatExpiresIsToldAtOnce() throws Exception {
		UUID id = this.harness.insertQuietly("Start", "late");
		this.harness.jdbc().sql("UPDATE pg_task SET deadline = now() - interval '1 second'").update();
		CompletableFuture<TaskEnd> end = watch(true).watch(id);
		await().atMost(Duration.ofSeconds(30))
			.until(() -> this.harness.jdbc().sql("SELECT awaited FROM pg_task").query(Boolean.class).list(),
					(awaited) -> awaited.contains(true));
		this.harness.run();
		assertThat(end.get(30, TimeUnit.SECONDS).outcome()).isEqualTo(TaskEnd.Outcome.EXPIRED);
	}

	@Test
	void aDeadTaskIsStillATaskWithAnError() {
		UUID id = this.harness.insertQuietly("Start", "a");
		this.harness.jdbc().sql("UPDATE pg_task SET error = 'no luck', parked_at = now() - interval '8 days'").update();
		assertThat(
				new JdbcTaskHousekeeping(this.database.dataSource(), TABLE, HousekeepingSettings.DEFAULT).run().dead())
			.isEqualTo(1);
		assertThat(end(id, false)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.ERRORED, "no luck"));
	}

	@Test
	void aRetryByAnOperatorKeepsWhatTheTaskHasPassed() {
		this.harness.start((state, context) -> NextStep.now(new Journey.End(state.name()))).end((state, context) -> {
			if (this.harness.jdbc().sql("SELECT count(*) FROM pg_task").query(Integer.class).single() == 1) {
				throw new IllegalStateException("alone");
			}
			return NextStep.done();
		});
		UUID id = this.harness.insert("Start", "a");
		this.harness.run();
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.isParked(id));
		this.harness.jdbc().sql("INSERT INTO pg_task (step, wakeup_at) VALUES ('{\"X\":{\"Y\":1}}', now())").update();
		try (Wakeups wakeups = new Wakeups(this.database.dataSource())) {
			new JdbcTaskAdmin(this.database.dataSource(), TABLE, wakeups).retry(id);
		}
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.isGone(id));
		assertThat(this.history.find(id).orElseThrow().passed()).extracting(PassedStep::step).containsExactly("Start");
	}

	private UUID ended(String outcome) {
		return this.harness.jdbc().sql("""
				INSERT INTO pg_task_history (id, outcome, tried, delivery, priority, created_at, ended_at)
				VALUES (gen_random_uuid(), ?, 0, 0, 4, now(), now()) RETURNING id
				""").param(outcome).query(UUID.class).single();
	}

	private TaskEnd end(UUID id, boolean listen) {
		try {
			return watch(listen).watch(id).get(30, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	private TaskEndWatch watch(boolean listen) {
		TaskEndWatch watch = new TaskEndWatch(this.database.dataSource(), TABLE, Duration.ofMillis(100), listen);
		this.watches.add(watch);
		return watch;
	}

}
