package io.pgtask.outages;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.StepSettings;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.ForkedJvm;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ResolvableType;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * An application process whose clock may be wrong. It enqueues a delayed errand of its
 * own, and tells {@link ClockHistory} what it does. The second step of an errand is
 * delayed, too, and takes longer than a lease. Any character on the standard input stops
 * the worker, and so does its end.
 */
public final class ClockProcess {

	static final Duration DELAY = Duration.ofSeconds(2);

	static final Duration TIMEOUT = Duration.ofSeconds(6);

	static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(2);

	private static final Duration LEASE = Duration.ofSeconds(4);

	private static final Duration LONGER_THAN_A_LEASE = Duration.ofSeconds(5);

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withConcurrency(5)
		.withLease(LEASE, LEASE.dividedBy(4))
		.withPollInterval(Duration.ofSeconds(2))
		.withShutdownTimeout(SHUTDOWN_TIMEOUT);

	private final String name;

	private final JdbcClient jdbc;

	private ClockProcess(String name, JdbcClient jdbc) {
		this.name = name;
		this.jdbc = jdbc;
	}

	static ForkedJvm start(String name, FakeClock clock, TestDatabase database, Path directory) throws IOException {
		return ForkedJvm.start(ClockProcess.class, directory.resolve(name + ".log"), clock.environment(),
				List.of(name, database.url(), database.username(), database.password()));
	}

	public static void main(String[] arguments) throws Exception {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(arguments[1]);
		config.setUsername(arguments[2]);
		config.setPassword(arguments[3]);
		config.setMaximumPoolSize(SETTINGS.connections() + SETTINGS.concurrency());
		config.setMinimumIdle(1);
		try (HikariDataSource pool = new HikariDataSource(config); Wakeups wakeups = new Wakeups(pool)) {
			TaskRegistry registry = new ClockProcess(arguments[0], JdbcClient.create(pool)).registry();
			StepCodec codec = new StepCodec(JsonMapper.builder().build(), registry);
			Worker worker = Worker.builder(pool, TaskTable.inSearchPath(), registry, codec).settings(SETTINGS).build();
			new JdbcTaskClient(pool, TaskTable.inSearchPath(), codec, List.of(), wakeups).delay(new Errand.First(0),
					DELAY);
			worker.start();
			System.in.read();
			worker.stop().get(1, TimeUnit.MINUTES);
		}
	}

	private TaskRegistry registry() {
		Step<Errand, Errand.First> first = (state, context) -> {
			tell("starts", context);
			return NextStep.delay(new Errand.Second(state.number()), DELAY);
		};
		Step<Errand, Errand.Second> second = (state, context) -> {
			tell("starts", context);
			TimeUnit.NANOSECONDS.sleep(LONGER_THAN_A_LEASE.toNanos());
			tell("ends", context);
			return NextStep.now(new Errand.Third(state.number()));
		};
		Step<Errand, Errand.Third> third = (state, context) -> {
			tell("starts", context);
			return NextStep.done();
		};
		Step<Vigil, Vigil> vigil = (state, context) -> {
			tell("starts", context);
			try {
				TimeUnit.HOURS.sleep(1);
				return NextStep.done();
			}
			finally {
				// Of its interruption nothing is left to the connection.
				Thread.interrupted();
				tell("ends", context);
			}
		};
		StepSettings vigilant = new StepSettings(new RetrySettings(1, Duration.ofSeconds(1), 1, null, 0), null,
				TIMEOUT);
		return TaskRegistry.builder()
			.step(first, type(Errand.class, Errand.First.class), RetrySettings.DEFAULT, "first")
			.step(second, type(Errand.class, Errand.Second.class), RetrySettings.DEFAULT, "second")
			.step(third, type(Errand.class, Errand.Third.class), RetrySettings.DEFAULT, "third")
			.step(vigil, type(Vigil.class, Vigil.class), vigilant, "vigil")
			.build();
	}

	private static ResolvableType type(Class<?> task, Class<?> state) {
		return ResolvableType.forClassWithGenerics(Step.class, task, state);
	}

	private void tell(String event, StepContext context) {
		this.jdbc.sql(ClockHistory.TELL)
			.params(context.taskId(), context.step(), event, this.name, OffsetDateTime.now())
			.update();
	}

}
