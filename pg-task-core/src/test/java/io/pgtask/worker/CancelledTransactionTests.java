package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.StepContext;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for transactional steps whose task somebody asks to cancel.
 */
@PostgresTest
class CancelledTransactionTests {

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final OutcomeCounter outcomes = new OutcomeCounter();

	private final List<String> seen = new CopyOnWriteArrayList<>();

	private final CountDownLatch goOn = new CountDownLatch(1);

	private final Wakeups wakeups;

	private final JdbcTaskAdmin admin;

	CancelledTransactionTests(TestDatabase database) {
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

	@Test
	void aTransactionalStepThatIsCancelledLeavesNothing() {
		ledger();
		DataSource dataSource = this.database.createPool(10);
		this.harness.transactional(TransactionSettings.DEFAULT, "start").start((state, context) -> {
			JdbcClient.create(dataSource).sql("INSERT INTO ledger VALUES ('a')").update();
			return sleep(context);
		});
		UUID id = run(WorkerHarness.QUICK, dataSource);
		this.admin.cancel(id);
		await().until(() -> this.harness.isGone(id));
		assertThat(entries()).isZero();
	}

	@Test
	void aTransactionalStepThatNoticesNothingIsCommittedAndItsTasksLast() {
		ledger();
		DataSource dataSource = this.database.createPool(10);
		this.harness.transactional(TransactionSettings.DEFAULT, "start").start((state, context) -> {
			awaitQuietly();
			JdbcClient.create(dataSource).sql("INSERT INTO ledger VALUES ('a')").update();
			return NextStep.now(new Journey.Middle("a"));
		});
		UUID id = run(WorkerHarness.QUICK, dataSource);
		this.admin.cancel(id);
		this.goOn.countDown();
		await().until(() -> this.harness.isGone(id));
		await().untilAsserted(() -> assertThat(this.outcomes.outcomes()).isEqualTo(Map.of(StepOutcome.CANCELLED, 1)));
		assertThat(entries()).isEqualTo(1);
		assertThat(this.seen).containsExactly("running");
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

	private int entries() {
		return this.harness.jdbc().sql("SELECT count(*) FROM ledger").query(Integer.class).single();
	}

}
