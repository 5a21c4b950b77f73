package io.pgtask.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.TaskTable;
import org.springframework.core.ResolvableType;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * An application process with a worker, started by {@link ForkedWorker}. Every step tells
 * the {@link History} that it starts, before it does anything else; what it does then is
 * in the name of its task. The process ends with its standard input, so that it never
 * outlives the test.
 */
public final class WorkerProcess {

	private final String name;

	private final JdbcClient jdbc;

	private WorkerProcess(String name, JdbcClient jdbc) {
		this.name = name;
		this.jdbc = jdbc;
	}

	public static void main(String[] arguments) throws IOException {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(arguments[1]);
		config.setUsername(arguments[2]);
		config.setPassword(arguments[3]);
		WorkerSettings settings = WorkerSettings.DEFAULT.withConcurrency(Integer.parseInt(arguments[4]))
			.withLease(Duration.parse(arguments[5]), Duration.parse(arguments[5]).dividedBy(4))
			.withMaxDeliveries(Integer.parseInt(arguments[6]));
		config.setMaximumPoolSize(settings.connections() + settings.concurrency());
		HikariDataSource dataSource = new HikariDataSource(config);
		HistorySettings history = Boolean.parseBoolean(arguments[7]) ? HistorySettings.ALL : HistorySettings.NONE;
		Worker worker = new WorkerProcess(arguments[0], JdbcClient.create(dataSource)).worker(dataSource,
				TaskTable.inSearchPath().keeping(history), settings);
		worker.start();
		while (System.in.read() >= 0) {
			// The test says nothing, it only closes the stream.
		}
		worker.stop().join();
	}

	private Worker worker(HikariDataSource dataSource, TaskTable table, WorkerSettings settings) {
		Step<Journey, Journey.Start> start = (state, context) -> {
			run(state.name(), context);
			return NextStep.now(new Journey.Middle(state.name()));
		};
		Step<Journey, Journey.Middle> middle = (state, context) -> {
			run(state.name(), context);
			return NextStep.now(new Journey.End(state.name()));
		};
		Step<Journey, Journey.End> end = (state, context) -> {
			run(state.name(), context);
			return NextStep.done();
		};
		TaskRegistry registry = TaskRegistry.builder()
			.step(start, type(Journey.Start.class), RetrySettings.DEFAULT, "start")
			.step(middle, type(Journey.Middle.class), RetrySettings.DEFAULT, "middle")
			.step(end, type(Journey.End.class), RetrySettings.DEFAULT, "end")
			.build();
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), registry);
		return Worker.builder(dataSource, table, registry, codec).settings(settings).build();
	}

	private static ResolvableType type(Class<? extends Journey> state) {
		return ResolvableType.forClassWithGenerics(Step.class, Journey.class, state);
	}

	private void run(String task, StepContext context) throws InterruptedException {
		UUID id = context.taskId();
		this.jdbc.sql(History.START).params(id, context.step(), context.delivery(), this.name).update();
		switch (task) {
			case "halt" -> Runtime.getRuntime().halt(1);
			case "exit" -> System.exit(1);
			case "short" -> TimeUnit.MILLISECONDS.sleep(10);
			case "long" -> TimeUnit.SECONDS.sleep((context.delivery() == 1 && context.step().equals("Start")) ? 2 : 0);
			default -> {
				// An ordinary step has done its work by telling that it runs.
			}
		}
	}

}
