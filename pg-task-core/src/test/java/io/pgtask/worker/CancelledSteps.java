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
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;

import static org.awaitility.Awaitility.await;

/**
 * Steps that run until somebody cancels their tasks or lets them go on, the workers that
 * run them, and what they have seen.
 */
final class CancelledSteps {

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final Wakeups wakeups;

	private final JdbcTaskAdmin admin;

	private final OutcomeCounter outcomes = new OutcomeCounter();

	private final List<String> seen = new CopyOnWriteArrayList<>();

	private final CountDownLatch goOn = new CountDownLatch(1);

	CancelledSteps(TestDatabase database) {
		this.database = database;
		this.wakeups = new Wakeups(database.dataSource());
		this.admin = new JdbcTaskAdmin(database.dataSource(), TaskTable.inSearchPath(), this.wakeups);
		this.harness = new WorkerHarness(database).middle((state, context) -> {
			this.seen.add("middle");
			return NextStep.done();
		});
	}

	void createTable() {
		TaskSchema.create(this.database.dataSource());
		this.harness.jdbc().sql("TRUNCATE pg_task, pg_task_paused").update();
	}

	void stopWorkers() throws Exception {
		goOn();
		this.harness.stopAll();
		this.wakeups.close();
	}

	WorkerHarness harness() {
		return this.harness;
	}

	JdbcTaskAdmin admin() {
		return this.admin;
	}

	Map<StepOutcome, Integer> outcomes() {
		return this.outcomes.outcomes();
	}

	List<String> seen() {
		return this.seen;
	}

	/** Lets the steps go on that notice nothing. */
	void goOn() {
		this.goOn.countDown();
	}

	/** Runs until it is interrupted. */
	NextStep<Journey> sleep(StepContext context) throws InterruptedException {
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
	void awaitQuietly() {
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

	/** Starts a worker, inserts a task, and waits until its step runs. */
	UUID run(WorkerSettings settings) {
		return run(settings, this.database.createPool(10));
	}

	UUID run(WorkerSettings settings, DataSource dataSource) {
		start(settings, dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.seen.contains("running"));
		return id;
	}

	void start(WorkerSettings settings) {
		start(settings, this.database.createPool(10));
	}

	private void start(WorkerSettings settings, DataSource dataSource) {
		this.harness.run(settings, (builder) -> builder.events(this.outcomes), dataSource);
	}

}
