package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.StepContext;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskAdmin.ActionSummary;
import io.pgtask.TaskSelection;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.RequestStatement;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
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

	private final WorkerHarness harness;

	private final OutcomeCounter outcomes = new OutcomeCounter();

	private final List<String> seen = new CopyOnWriteArrayList<>();

	private final CountDownLatch goOn = new CountDownLatch(1);

	private final Wakeups wakeups;

	private final JdbcTaskAdmin admin;

	CancelledTaskTests(TestDatabase database) {
		this.database = database;
		this.wakeups = new Wakeups(database.dataSource());
		this.admin = new JdbcTaskAdmin(database.dataSource(), TaskTable.inSearchPath(), this.wakeups);
		this.harness = new WorkerHarness(database).middle((state, context) -> {
			this.seen.add("middle");
			return NextStep.done();
		});
	}

	@BeforeEach
	void createTable() {
		TaskSchema.create(this.database.dataSource());
		this.harness.jdbc().sql("TRUNCATE pg_task, pg_task_paused").update();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.goOn.countDown();
		this.harness.stopAll();
		this.wakeups.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aRunningStepIsInterruptedWithOrWithoutNotificationsAndItsTaskEnds(boolean listen) {
		this.harness.retry(5, Duration.ZERO).start((state, context) -> sleep(context));
		UUID id = run(WorkerHarness.QUICK.withListen(listen));
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		await().until(() -> this.harness.isGone(id));
		assertThat(this.seen).containsExactly("running", "interrupted, cancelled: true");
		await().untilAsserted(() -> assertThat(this.outcomes.outcomes()).isEqualTo(Map.of(StepOutcome.CANCELLED, 1)));
	}

	@Test
	void aRequestThatIsWrittenBySqlIsSeenWithoutANotification() {
		this.harness.start((state, context) -> sleep(context));
		UUID id = run(WorkerHarness.QUICK);
		this.harness.jdbc().sql("UPDATE pg_task SET cancel_requested_at = now()").update();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.seen).containsExactly("running", "interrupted, cancelled: true");
	}

	@ParameterizedTest
	@ValueSource(strings = { "now", "delay", "later", "retry", "fail", "cancel", "throw" })
	void aStepThatNoticesNothingIsItsTasksLast(String way) {
		this.harness.retry(5, Duration.ZERO).start((state, context) -> {
			awaitQuietly();
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
		UUID id = run(WorkerHarness.QUICK);
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		this.goOn.countDown();
		await().until(() -> this.harness.isGone(id));
		await().untilAsserted(() -> assertThat(this.outcomes.outcomes()).isEqualTo(Map.of(StepOutcome.CANCELLED, 1)));
		assertThat(this.seen).containsExactly("running");
	}

	@Test
	void aStepThatEndsItsTaskAnywayHasDoneSo() {
		this.harness.start((state, context) -> {
			awaitQuietly();
			return NextStep.done();
		});
		UUID id = run(WorkerHarness.QUICK);
		this.admin.cancel(id);
		this.goOn.countDown();
		await().until(() -> this.harness.isGone(id));
		await().untilAsserted(() -> assertThat(this.outcomes.outcomes()).isEqualTo(Map.of(StepOutcome.DONE, 1)));
	}

	@Test
	void aTaskThatWaitsForASlotIsNotStarted() {
		this.harness.start((state, context) -> {
			if (state.name().equals("a")) {
				awaitQuietly();
			}
			else {
				this.seen.add(state.name());
			}
			return NextStep.done();
		});
		UUID first = run(WorkerHarness.QUICK.withConcurrency(1));
		UUID second = this.harness.insert("Start", "b");
		assertThat(this.admin.cancel(second)).isIn(ActionResult.DONE, ActionResult.REQUESTED);
		await().until(() -> this.harness.isGone(second));
		assertThat(this.harness.isGone(first)).isFalse();
		assertThat(this.seen).containsExactly("running");
	}

	@Test
	void aTaskWhoseWorkerHasDiedIsEndedByTheNextAndNotRun() {
		UUID id = this.harness.insertLeased("a", UUID.randomUUID(), Duration.ofSeconds(1));
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		this.harness.start((state, context) -> {
			this.seen.add("started");
			return NextStep.done();
		});
		start(WorkerHarness.QUICK);
		await().until(() -> this.harness.isGone(id));
		assertThat(this.seen).isEmpty();
		await().untilAsserted(() -> assertThat(this.outcomes.outcomes()).isEqualTo(Map.of(StepOutcome.CANCELLED, 1)));
	}

	@Test
	void runningTasksAreCancelledByTheirTagOnWhateverNodeTheyRun() {
		this.harness.start((state, context) -> sleep(context));
		run(WorkerHarness.QUICK.withConcurrency(1));
		start(WorkerHarness.QUICK.withConcurrency(1));
		this.harness.insert("Start", "b");
		await().until(() -> this.seen.size() == 2);
		this.harness.jdbc().sql("UPDATE pg_task SET tags = '{red}'").update();
		assertThat(this.admin.cancel(TaskSelection.all().tagged("red"))).isEqualTo(new ActionSummary(0, 2, 0, 0, 0));
		await().until(() -> this.harness.count() == 0);
		assertThat(this.seen).filteredOn((each) -> each.startsWith("interrupted")).hasSize(2);
	}

	@Test
	void whoClearsAnErrorByHandWantsTheTaskToRun() {
		UUID id = this.harness.insertQuietly("Start", "a");
		this.harness.jdbc().sql("""
				UPDATE pg_task SET error = 'failed', parked_at = now(), tried = 6, delivery = 9, postponed = 7,
					failures = '[1]', cancel_requested_at = now()""").update();
		this.harness.start((state, context) -> {
			this.seen.add("attempt " + context.attempt() + ", delivery " + context.delivery());
			this.harness.jdbc()
				.sql("SELECT postponed IS NULL AND cancel_requested_at IS NULL AND failures IS NOT NULL FROM pg_task")
				.query(Boolean.class)
				.list()
				.forEach((fresh) -> this.seen.add("fresh: " + fresh));
			return NextStep.done();
		});
		start(WorkerHarness.QUICK);
		this.harness.jdbc().sql("UPDATE pg_task SET error = NULL").update();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.seen).containsExactly("attempt 1, delivery 1", "fresh: true");
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

	private NextStep<Journey> sleep(StepContext context) throws InterruptedException {
		this.seen.add("running");
		try {
			Thread.sleep(Duration.ofMinutes(1).toMillis());
			return NextStep.done();
		}
		catch (InterruptedException ex) {
			this.seen.add("interrupted, cancelled: " + context.isCancelled());
			throw ex;
		}
	}

	/** Runs until the test goes on, whoever interrupts it. */
	private void awaitQuietly() {
		this.seen.add("running");
		while (true) {
			try {
				if (this.goOn.await(1, TimeUnit.MINUTES)) {
					return;
				}
			}
			catch (InterruptedException ignored) {
				// As a step that takes no notice.
			}
		}
	}

	private UUID run(WorkerSettings settings) {
		return run(settings, this.database.createPool(10));
	}

	private UUID run(WorkerSettings settings, DataSource dataSource) {
		start(settings, dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.seen.contains("running"));
		return id;
	}

	private void start(WorkerSettings settings) {
		start(settings, this.database.createPool(10));
	}

	private void start(WorkerSettings settings, DataSource dataSource) {
		this.harness.run(settings, (builder) -> builder.events(this.outcomes), dataSource);
	}

	private void ledger() {
		this.harness.jdbc().sql("DROP TABLE IF EXISTS ledger; CREATE TABLE ledger (entry text)").update();
	}

}
