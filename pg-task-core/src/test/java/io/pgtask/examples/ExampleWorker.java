package io.pgtask.examples;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A worker with the steps of an example, put together without Spring, and a client.
 */
final class ExampleWorker implements AutoCloseable {

	private final JdbcClient jdbc;

	private final Wakeups wakeups;

	private final TaskClient client;

	private final Worker worker;

	ExampleWorker(TestDatabase database, Step<?, ?>... steps) {
		DataSource dataSource = database.dataSource();
		TaskSchema.create(dataSource);
		TaskRegistry.Builder builder = TaskRegistry.builder();
		List.of(steps).forEach(builder::step);
		TaskRegistry registry = builder.build();
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), registry);
		TaskTable table = TaskTable.inSearchPath();
		this.jdbc = JdbcClient.create(dataSource);
		this.wakeups = new Wakeups(dataSource);
		this.client = new JdbcTaskClient(dataSource, table, codec, List.of(), this.wakeups);
		this.worker = Worker.builder(dataSource, table, registry, codec)
			.settings(WorkerSettings.DEFAULT.withConcurrency(2).withPollInterval(Duration.ofHours(1)))
			.build();
		this.wakeups.localWorker(this.worker::wake);
	}

	void start() {
		this.worker.start();
	}

	TaskClient client() {
		return this.client;
	}

	JdbcClient jdbc() {
		return this.jdbc;
	}

	int tasks() {
		return this.jdbc.sql("SELECT count(*) FROM pg_task").query(Integer.class).single();
	}

	@Override
	public void close() throws Exception {
		this.worker.stop().get(20, TimeUnit.SECONDS);
		this.wakeups.close();
	}

}
