package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import io.pgtask.TaskClient;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectStarts;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskEnds;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerBuilder;
import io.pgtask.worker.WorkerSettings;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A worker and a client, put together as the starter does.
 */
final class PgTaskEngine implements Engine {

	private final DataSource pool;

	private final Workload workload;

	private final Wakeups wakeups;

	private final Worker worker;

	private final TaskClient client;

	PgTaskEngine(DataSource pool, Workload workload, Progress progress, WorkerSettings settings,
			@Nullable Executor executor, boolean transactional, TaskTable table) {
		this.pool = pool;
		this.workload = workload;
		TaskRegistry registry = PgTaskSteps.registry(workload, progress, transactional);
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), registry);
		this.worker = worker(pool, registry, codec, settings, executor, transactional, table);
		this.wakeups = new Wakeups(pool);
		this.wakeups.localWorker(this.worker::wake);
		this.client = client(codec, table);
	}

	/** Older versions, which may take part for comparison, claim everything. */
	private TaskClient client(StepCodec codec, TaskTable table) {
		try {
			return DirectClient.create(this.pool, table, codec, this.wakeups, this.worker);
		}
		catch (NoClassDefFoundError ex) {
			return new JdbcTaskClient(this.pool, table, codec, List.of(), this.wakeups);
		}
	}

	private static Worker worker(DataSource pool, TaskRegistry registry, StepCodec codec, WorkerSettings settings,
			@Nullable Executor executor, boolean transactional, TaskTable table) {
		WorkerBuilder builder = Worker.builder(pool, table, registry, codec).settings(settings);
		if (transactional) {
			builder.transactionManager(new JdbcTransactionManager(pool));
		}
		return ((executor != null) ? builder.executor(executor) : builder).build();
	}

	@Override
	public void start() {
		this.worker.start();
	}

	@Override
	public Enqueuer enqueuer() {
		return (number) -> this.client.enqueue(States.first(this.workload, number));
	}

	@Override
	public void enqueueTogether(int first, int tasks) throws SQLException {
		try (Connection connection = this.pool.getConnection()) {
			PgTaskTable.insert(connection, this.workload, first, tasks);
		}
		this.wakeups.wake();
	}

	@Override
	public void enqueueAll(int tasks) {
		this.client.enqueueAll(IntStream.range(0, tasks).mapToObj((number) -> States.first(this.workload, number)));
	}

	@Override
	public void close() {
		this.worker.stop().join();
		this.wakeups.close();
	}

	/** A class of its own, so that an older version need not have what it uses. */
	private static final class DirectClient {

		private DirectClient() {
		}

		static TaskClient create(DataSource pool, TaskTable table, StepCodec codec, Wakeups wakeups, Worker worker) {
			DirectStarts directStarts = new DirectStarts();
			directStarts.localWorker(worker);
			return new JdbcTaskClient(pool, table, codec, List.of(), wakeups, TaskEnds.untold(), directStarts);
		}

	}

}
