package io.pgtask.security;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.pgtask.DeadTasks;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskClient;
import io.pgtask.TaskHistory;
import io.pgtask.TaskHousekeeping;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.StepSettings;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.DirectStarts;
import io.pgtask.store.HousekeepingSettings;
import io.pgtask.store.JdbcDeadTasks;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.JdbcTaskHistory;
import io.pgtask.store.JdbcTaskHousekeeping;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.worker.TaskEndWatch;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ResolvableType;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * What the starter makes of a data source: everything a node does, as whatever role it
 * connects.
 */
final class Node implements AutoCloseable {

	static final WorkerSettings QUICK = WorkerSettings.DEFAULT.withConcurrency(4)
		.withLease(Duration.ofSeconds(3), Duration.ofSeconds(1))
		.withPollInterval(Duration.ofSeconds(1))
		.withShutdownTimeout(Duration.ofSeconds(2));

	private static final RetrySettings TWICE = new RetrySettings(1, Duration.ofMillis(10), 1.0, null, 0.0);

	private final DataSource dataSource;

	private final TaskTable table;

	private final DirectStarts directStarts = new DirectStarts();

	private final Wakeups wakeups;

	private final TaskEndWatch ends;

	private final JdbcTaskClient client;

	private final JdbcTaskAdmin admin;

	private StepCodec codec = new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty());

	private @Nullable Worker worker;

	Node(DataSource dataSource, TaskTable table) {
		this.dataSource = dataSource;
		this.table = table;
		this.wakeups = new Wakeups(dataSource);
		this.ends = new TaskEndWatch(dataSource, table, Duration.ofSeconds(1), true);
		this.client = new JdbcTaskClient(dataSource, table, this.codec, List.of(), this.wakeups, this.ends,
				this.directStarts);
		this.admin = new JdbcTaskAdmin(dataSource, table, this.wakeups, () -> this.codec);
	}

	TaskClient client() {
		return this.client;
	}

	TaskAdmin admin() {
		return this.admin;
	}

	TaskHistory history() {
		return new JdbcTaskHistory(this.dataSource, this.table);
	}

	DeadTasks deadTasks() {
		return new JdbcDeadTasks(this.dataSource, this.table, this.wakeups);
	}

	TaskHousekeeping housekeeping(HousekeepingSettings settings) {
		return new JdbcTaskHousekeeping(this.dataSource, this.table, settings);
	}

	/**
	 * Starts a worker with short leases.
	 */
	void work(Step<Errand, Errand.Fetch> fetch, Step<Errand, Errand.Carry> carry,
			Step<Errand, Errand.Deliver> deliver) {
		work(QUICK, fetch, carry, deliver);
	}

	/**
	 * Starts a worker. Its steps are tried twice, and the second one has a transaction.
	 */
	void work(WorkerSettings settings, Step<Errand, Errand.Fetch> fetch, Step<Errand, Errand.Carry> carry,
			Step<Errand, Errand.Deliver> deliver) {
		TaskRegistry registry = TaskRegistry.builder()
			.step(fetch, type(Errand.Fetch.class), new StepSettings(TWICE, null), "fetch")
			.step(carry, type(Errand.Carry.class), new StepSettings(TWICE, TransactionSettings.DEFAULT), "carry")
			.step(deliver, type(Errand.Deliver.class), new StepSettings(TWICE, null), "deliver")
			.build();
		this.codec = new StepCodec(JsonMapper.builder().build(), registry);
		Worker started = Worker.builder(this.dataSource, this.table, registry, this.codec)
			.settings(settings)
			.transactionManager(new JdbcTransactionManager(this.dataSource))
			.build();
		this.worker = started;
		started.start();
		this.directStarts.localWorker(started);
		this.wakeups.localWorker(started::wake);
	}

	boolean isWorking() {
		return this.worker != null && this.worker.isRunning();
	}

	private static ResolvableType type(Class<? extends Errand> state) {
		return ResolvableType.forClassWithGenerics(Step.class, Errand.class, state);
	}

	@Override
	public void close() throws Exception {
		if (this.worker != null) {
			this.worker.stop().get(30, TimeUnit.SECONDS);
		}
		this.ends.close();
		this.wakeups.close();
	}

}
