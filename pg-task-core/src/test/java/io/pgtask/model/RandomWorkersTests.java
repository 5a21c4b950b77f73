package io.pgtask.model;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.pgtask.RetrySettings;
import io.pgtask.StepContext;
import io.pgtask.TaskSelection;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectStarts;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskEnds;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What {@link StateMachineModelTests} does step by step, with real workers and everything
 * at the same time. Nobody can predict a row then; but what must never happen can be
 * seen, and how every task has ended.
 */
@PostgresTest
class RandomWorkersTests {

	private static final Duration DURATION = Duration.ofSeconds(Long.getLong("pgtask.model.seconds", 5));

	private static final int OPERATORS = 3;

	private static final List<Ending> ENDINGS = List.of(Ending.values());

	private static final TaskTable TABLE = TableMode.WITH_HISTORY.table();

	private final TestDatabase database;

	private final Witness witness = new Witness();

	private final Wakeups wakeups;

	private final DirectStarts directStarts = new DirectStarts();

	private final JdbcTaskAdmin admin;

	private final RandomOperator operator;

	private final TableReader reader;

	private final TaskRegistry registry = ModelSteps
		.registry(new RetrySettings(2, Duration.ofMillis(10), 1.0, null, 0.0), Duration.ofMillis(20), this::runStep);

	private final StepCodec codec = new StepCodec(JsonMapper.builder().build(), this.registry);

	private final List<Worker> workers = new ArrayList<>();

	private volatile boolean everythingSucceeds;

	RandomWorkersTests(TestDatabase database) {
		this.database = database;
		this.wakeups = new Wakeups(database.dataSource());
		this.admin = new JdbcTaskAdmin(database.dataSource(), TABLE, this.wakeups, () -> this.codec);
		this.operator = new RandomOperator(new JdbcTaskClient(database.dataSource(), TABLE, this.codec, List.of(),
				this.wakeups, TaskEnds.untold(), this.directStarts), this.admin);
		this.reader = new TableReader(JdbcClient.create(database.dataSource()), TABLE);
	}

	private Ending runStep(int at, StepContext context) {
		this.witness.begin(at, context);
		try {
			LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
			return this.everythingSucceeds ? Ending.DONE
					: ENDINGS.get(ThreadLocalRandom.current().nextInt(ENDINGS.size()));
		}
		finally {
			this.witness.end(context);
		}
	}

	@BeforeEach
	void start() {
		TaskSchema.create(this.database.dataSource(), TABLE, false);
		for (int i = 0; i < 2; i++) {
			Worker worker = Worker.builder(this.database.createPool(6), TABLE, this.registry, this.codec)
				.settings(WorkerSettings.DEFAULT.withConcurrency(4).withPollInterval(Duration.ofMillis(500)))
				.build();
			this.directStarts.localWorker(worker);
			this.workers.add(worker);
			worker.start();
		}
	}

	@AfterEach
	void stop() throws Exception {
		for (Worker worker : this.workers) {
			worker.stop().get(60, TimeUnit.SECONDS);
		}
		this.wakeups.close();
	}

	@Test
	void whateverOperatorsDoMeanwhileEveryTaskEndsOnceAndNoFinishedStepRunsAgain() throws Exception {
		ExecutorService operators = Executors.newFixedThreadPool(OPERATORS);
		try {
			for (int i = 0; i < OPERATORS; i++) {
				Random random = new Random(i);
				operators.execute(() -> this.operator.act(random));
			}
			watch();
			restart(this.workers.get(0));
			watch();
		}
		finally {
			this.operator.stop();
			operators.shutdown();
			assertThat(operators.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
		}
		assertThat(this.operator.troubles()).isEmpty();
		endEverything();
		assertThat(this.witness.violations()).isEmpty();
		assertThat(this.witness.runs()).isPositive();
		assertThat(this.reader.ends().keySet()).isEqualTo(this.operator.ids());
		assertThat(this.reader.ends().values()).allMatch((ends) -> ends.size() == 1);
	}

	private void watch() {
		await().during(DURATION.dividedBy(2)).atMost(DURATION.plusSeconds(60)).untilAsserted(() -> {
			assertThat(this.reader.stranded()).isEmpty();
			assertThat(this.witness.violations()).isEmpty();
		});
	}

	private static void restart(Worker worker) throws Exception {
		worker.stop().get(60, TimeUnit.SECONDS);
		worker.start();
	}

	/** Whatever state a task is in, an operator or a worker can end it. */
	private void endEverything() {
		this.everythingSucceeds = true;
		for (TaskKind kind : List.of(TaskKind.ERRAND, TaskKind.PARCEL)) {
			this.admin.resumeType(kind.typeName());
		}
		await().atMost(Duration.ofSeconds(120)).until(() -> {
			this.admin.retry(TaskSelection.all());
			this.admin.reschedule(TaskSelection.all(), Instant.EPOCH);
			return this.reader.rows().isEmpty();
		});
	}

}
