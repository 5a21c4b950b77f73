package io.pgtask.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectStarts;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskEnds;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ResolvableType;

/**
 * An application process that enqueues a task as soon as its worker would start it
 * directly. Its step never ends. The process ends with its standard input, so that it
 * never outlives the test.
 */
public final class DirectProcess {

	private DirectProcess() {
	}

	public static void main(String[] arguments) throws IOException, InterruptedException {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(arguments[0]);
		config.setUsername(arguments[1]);
		config.setPassword(arguments[2]);
		HikariDataSource dataSource = new HikariDataSource(config);
		Step<Journey, Journey.Start> step = (state, context) -> {
			TimeUnit.HOURS.sleep(1);
			return NextStep.done();
		};
		TaskRegistry registry = TaskRegistry.builder()
			.step(step, ResolvableType.forClassWithGenerics(Step.class, Journey.class, Journey.Start.class),
					RetrySettings.DEFAULT, "start")
			.step((Step<Journey, Journey.Middle>) (state, context) -> NextStep.done(),
					ResolvableType.forClassWithGenerics(Step.class, Journey.class, Journey.Middle.class),
					RetrySettings.DEFAULT, "middle")
			.step((Step<Journey, Journey.End>) (state, context) -> NextStep.done(),
					ResolvableType.forClassWithGenerics(Step.class, Journey.class, Journey.End.class),
					RetrySettings.DEFAULT, "end")
			.build();
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), registry);
		WorkerSettings settings = WorkerSettings.DEFAULT.withLease(Duration.ofSeconds(4), Duration.ofSeconds(1));
		Worker worker = Worker.builder(dataSource, TaskTable.inSearchPath(), registry, codec)
			.settings(settings)
			.build();
		worker.start();
		DirectStarts directStarts = new DirectStarts();
		directStarts.localWorker(worker);
		Wakeups wakeups = new Wakeups(dataSource);
		while (!DirectHarness.offers(worker)) {
			TimeUnit.MILLISECONDS.sleep(10);
		}
		new JdbcTaskClient(dataSource, TaskTable.inSearchPath(), codec, List.of(), wakeups, TaskEnds.untold(),
				directStarts)
			.enqueue(new Journey.Start("a"));
		while (System.in.read() >= 0) {
			// The test says nothing, it only closes the stream.
		}
		System.exit(0);
	}

}
