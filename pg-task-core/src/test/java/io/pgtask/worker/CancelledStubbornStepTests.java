package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOutcome;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.JdbcTaskHistory;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for tasks that are cancelled while their step takes no notice of its
 * interruption, and has no timeout.
 */
@PostgresTest
class CancelledStubbornStepTests {

	private static final FailureSettings SHORT_GRACE = new FailureSettings(10, false, 1000, Duration.ofMillis(200));

	private static final WorkerSettings ONE_SLOT = WorkerHarness.QUICK.withConcurrency(1);

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL);

	private final StubbornStep stubborn = new StubbornStep();

	private final List<String> stuck = new CopyOnWriteArrayList<>();

	private final WorkerHarness harness;

	private final Wakeups wakeups;

	private final JdbcTaskAdmin admin;

	private final JdbcTaskHistory history;

	CancelledStubbornStepTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).keeping(HistorySettings.ALL).start((state, context) -> {
			this.stubborn.run();
			return NextStep.now(new Journey.Middle("must not be saved"));
		});
		this.wakeups = new Wakeups(database.dataSource());
		this.admin = new JdbcTaskAdmin(database.dataSource(), TABLE, this.wakeups);
		this.history = new JdbcTaskHistory(database.dataSource(), TABLE);
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@BeforeEach
	void emptyTables() {
		this.harness.jdbc().sql("TRUNCATE pg_task, pg_task_history").update();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.stubborn.end();
		this.harness.stopAll();
		this.wakeups.close();
	}

	@Test
	void aStepThatIgnoresThatItsTaskIsCancelledIsReportedWithItsStackAndItsTaskEnds() {
		try (LogCapture log = LogCapture.open()) {
			UUID id = runAndCancel();
			await().until(() -> this.harness.isGone(id));
			assertThat(this.stuck).containsExactly("Journey.Start");
			assertThat(log.lines(Level.ERROR)).singleElement()
				.satisfies((line) -> assertThat(line).contains(id.toString(), "cancelled", "this is where it is"));
			assertThat(log.stacks()).anyMatch((stack) -> stack.contains(StubbornStep.class.getName()));
			assertThat(this.stubborn.interruptions()).isEqualTo(1);
			assertThat(this.history.find(id).orElseThrow()).satisfies((task) -> {
				assertThat(task.outcome()).isEqualTo(TaskOutcome.CANCELLED);
				assertThat(task.step()).isEqualTo("Start");
				assertThat(task.delivery()).isEqualTo(1);
				assertThat(task.error()).isEqualTo("cancelled on request");
			});
		}
	}

	@Test
	void itsLeaseEndsWithTheTaskAndItsSlotServesOthersWhileItStillRuns() {
		UUID id = runAndCancel();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE locked_by IS NOT NULL")
			.query(Integer.class)
			.single()).isZero();
		UUID good = this.harness.insert("Middle", "good");
		await().until(() -> this.harness.isGone(good));
		assertThat(this.stubborn.hasEnded()).isFalse();
	}

	@Test
	void whatItReturnsAfterwardsIsDropped() {
		try (LogCapture log = LogCapture.open()) {
			UUID id = runAndCancel();
			await().until(() -> this.harness.isGone(id));
			// A task of that id which is somebody else's by now.
			this.harness.jdbc()
				.sql("INSERT INTO pg_task (id, step, wakeup_at) VALUES (?, '{\"Other\":{\"Thing\":null}}', now())")
				.param(id)
				.update();
			this.stubborn.end();
			await().until(() -> log.lines(Level.INFO)
				.stream()
				.anyMatch((line) -> line.contains("has ended") && line.contains("in spite of its interruption")));
			assertThat(this.harness.row(id).step()).contains("Other");
			assertThat(this.harness.row(id).delivery()).isZero();
		}
	}

	@Test
	void aTransactionalOneLeavesNothingOfWhatItWrites() {
		this.harness.jdbc().sql("DROP TABLE IF EXISTS ledger; CREATE TABLE ledger (entry text)").update();
		HikariDataSource pool = this.harness.impatientPool(10);
		JdbcClient ledger = JdbcClient.create(pool);
		this.harness.transactional(TransactionSettings.DEFAULT, "start").start((state, context) -> {
			this.stubborn.run();
			ledger.sql("INSERT INTO ledger VALUES ('a')").update();
			return NextStep.done();
		});
		try (LogCapture log = LogCapture.open()) {
			UUID id = this.harness.insert("Start", "a");
			Worker worker = this.harness.run(ONE_SLOT, (builder) -> builder.failures(SHORT_GRACE), pool);
			await().until(() -> worker.status().running() == 1);
			this.admin.cancel(id);
			await().until(() -> this.harness.isGone(id));
			this.stubborn.end();
			await().until(() -> log.lines(Level.INFO)
				.stream()
				.anyMatch((line) -> line.contains("in spite of its interruption")));
			assertThat(this.harness.jdbc().sql("SELECT count(*) FROM ledger").query(Integer.class).single()).isZero();
		}
	}

	@Test
	void aStepThatEndsWithinTheGraceEndsItsTaskAsItAlwaysDoes() {
		this.harness.start((state, context) -> {
			while (!context.isCancelled()) {
				Thread.onSpinWait();
			}
			return NextStep.done();
		});
		UUID id = this.harness.insert("Start", "a");
		Worker worker = run(FailureSettings.DEFAULT);
		await().until(() -> worker.status().running() == 1);
		this.admin.cancel(id);
		await().until(() -> this.harness.isGone(id));
		assertThat(this.history.find(id).orElseThrow().outcome()).isEqualTo(TaskOutcome.DONE);
		assertThat(this.stuck).isEmpty();
	}

	private UUID runAndCancel() {
		UUID id = this.harness.insert("Start", "a");
		Worker worker = run(SHORT_GRACE);
		await().until(() -> worker.status().running() == 1);
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		return id;
	}

	private Worker run(FailureSettings failures) {
		return this.harness.run(ONE_SLOT, (builder) -> builder.failures(failures).events(new WorkerEvents() {

			@Override
			public void stuck(String taskType, String step) {
				CancelledStubbornStepTests.this.stuck.add(taskType + "." + step);
			}

		}));
	}

}
