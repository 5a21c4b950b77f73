package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

import io.pgtask.NextStep;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskAdmin.ActionSummary;
import io.pgtask.TaskSelection;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.RequestStatement;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for tasks that are cancelled while a worker has them.
 */
@PostgresTest
class CancelledTaskTests {

	private final TestDatabase database;

	private final CancelledSteps steps;

	private final WorkerHarness harness;

	private final JdbcTaskAdmin admin;

	CancelledTaskTests(TestDatabase database) {
		this.database = database;
		this.steps = new CancelledSteps(database);
		this.harness = this.steps.harness();
		this.admin = this.steps.admin();
	}

	@BeforeEach
	void createTable() {
		this.steps.createTable();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.steps.stopWorkers();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aRunningStepIsInterruptedWithOrWithoutNotificationsAndItsTaskEnds(boolean listen) {
		this.harness.retry(5, Duration.ZERO).start((state, context) -> this.steps.sleep(context));
		UUID id = this.steps.run(WorkerHarness.QUICK.withListen(listen));
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		await().until(() -> this.harness.isGone(id));
		assertThat(this.steps.seen()).containsExactly("running", "interrupted, cancelled: true");
		await().untilAsserted(() -> assertThat(this.steps.outcomes()).isEqualTo(Map.of(StepOutcome.CANCELLED, 1)));
	}

	@Test
	void aRequestThatIsWrittenBySqlIsSeenWithoutANotification() {
		this.harness.start((state, context) -> this.steps.sleep(context));
		UUID id = this.steps.run(WorkerHarness.QUICK);
		this.harness.jdbc().sql("UPDATE pg_task SET cancel_requested_at = now()").update();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.steps.seen()).containsExactly("running", "interrupted, cancelled: true");
	}

	@ParameterizedTest
	@ValueSource(strings = { "now", "delay", "later", "retry", "fail", "cancel", "throw" })
	void aStepThatNoticesNothingIsItsTasksLast(String way) {
		this.harness.retry(5, Duration.ZERO).start((state, context) -> {
			this.steps.awaitQuietly();
			return switch (way) {
				case "now" -> NextStep.now(new Journey.Middle("a"));
				case "delay" -> NextStep.delay(new Journey.Middle("a"), Duration.ofDays(1));
				case "later" -> NextStep.later(Duration.ofDays(1));
				case "retry" -> NextStep.retry(new IllegalStateException("failed"));
				case "fail" -> NextStep.fail("no other attempt would help");
				case "cancel" -> NextStep.cancel("nobody needs it");
				default -> throw new IllegalStateException("failed");
			};
		});
		UUID id = this.steps.run(WorkerHarness.QUICK);
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		this.steps.goOn();
		await().until(() -> this.harness.isGone(id));
		await().untilAsserted(() -> assertThat(this.steps.outcomes()).isEqualTo(Map.of(StepOutcome.CANCELLED, 1)));
		assertThat(this.steps.seen()).containsExactly("running");
	}

	@Test
	void aStepThatEndsItsTaskAnywayHasDoneSo() {
		this.harness.start((state, context) -> {
			this.steps.awaitQuietly();
			return NextStep.done();
		});
		UUID id = this.steps.run(WorkerHarness.QUICK);
		this.admin.cancel(id);
		this.steps.goOn();
		await().until(() -> this.harness.isGone(id));
		await().untilAsserted(() -> assertThat(this.steps.outcomes()).isEqualTo(Map.of(StepOutcome.DONE, 1)));
	}

	@Test
	void aTaskThatWaitsForASlotIsNotStarted() {
		this.harness.start((state, context) -> {
			if (state.name().equals("a")) {
				this.steps.awaitQuietly();
			}
			else {
				this.steps.seen().add(state.name());
			}
			return NextStep.done();
		});
		UUID first = this.steps.run(WorkerHarness.QUICK.withConcurrency(1));
		UUID second = this.harness.insert("Start", "b");
		assertThat(this.admin.cancel(second)).isIn(ActionResult.DONE, ActionResult.REQUESTED);
		await().until(() -> this.harness.isGone(second));
		assertThat(this.harness.isGone(first)).isFalse();
		assertThat(this.steps.seen()).containsExactly("running");
	}

	@Test
	void aTaskWhoseWorkerHasDiedIsEndedByTheNextAndNotRun() {
		UUID id = this.harness.insertLeased("a", UUID.randomUUID(), Duration.ofSeconds(1));
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		this.harness.start((state, context) -> {
			this.steps.seen().add("started");
			return NextStep.done();
		});
		this.steps.start(WorkerHarness.QUICK);
		await().until(() -> this.harness.isGone(id));
		assertThat(this.steps.seen()).isEmpty();
		await().untilAsserted(() -> assertThat(this.steps.outcomes()).isEqualTo(Map.of(StepOutcome.CANCELLED, 1)));
	}

	@Test
	void runningTasksAreCancelledByTheirTagOnWhateverNodeTheyRun() {
		this.harness.start((state, context) -> this.steps.sleep(context));
		this.steps.run(WorkerHarness.QUICK.withConcurrency(1));
		this.steps.start(WorkerHarness.QUICK.withConcurrency(1));
		this.harness.insert("Start", "b");
		await().until(() -> this.steps.seen().size() == 2);
		this.harness.jdbc().sql("UPDATE pg_task SET tags = '{red}'").update();
		assertThat(this.admin.cancel(TaskSelection.all().tagged("red"))).isEqualTo(new ActionSummary(0, 2, 0, 0, 0));
		await().until(() -> this.harness.count() == 0);
		assertThat(this.steps.seen()).filteredOn((each) -> each.startsWith("interrupted")).hasSize(2);
	}

	@Test
	void whoClearsAnErrorByHandWantsTheTaskToRun() {
		UUID id = this.harness.insertQuietly("Start", "a");
		this.harness.jdbc().sql("""
				UPDATE pg_task SET error = 'failed', parked_at = now(), tried = 6, delivery = 9, postponed = 7,
					failures = '[1]', cancel_requested_at = now()""").update();
		this.harness.start((state, context) -> {
			this.steps.seen().add("attempt " + context.attempt() + ", delivery " + context.delivery());
			this.harness.jdbc()
				.sql("SELECT postponed IS NULL AND cancel_requested_at IS NULL AND failures IS NOT NULL FROM pg_task")
				.query(Boolean.class)
				.list()
				.forEach((fresh) -> this.steps.seen().add("fresh: " + fresh));
			return NextStep.done();
		});
		this.steps.start(WorkerHarness.QUICK);
		this.harness.jdbc().sql("UPDATE pg_task SET error = NULL").update();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.steps.seen()).containsExactly("attempt 1, delivery 1", "fresh: true");
	}

	@Test
	void nothingIsAskedOfTheTableWhileNothingRuns() throws SQLException {
		AtomicBoolean asked = new AtomicBoolean();
		UnreliableDataSource dataSource = new UnreliableDataSource(this.database.dataSource());
		Holdings holdings = new Holdings();
		RequestWatch watch = new RequestWatch(new RequestStatement(TaskTable.inSearchPath()), holdings,
				List.of("Journey"), new PausedTypes(holdings, (outcome) -> asked.set(true)),
				(outcome) -> asked.set(true));
		try (HeldConnection connection = new HeldConnection(dataSource, Duration.ofSeconds(1))) {
			watch.look(connection);
		}
		watch.heard("no ids at all");
		assertThat(asked).isFalse();
	}

}
