package io.pgtask.faults;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

import javax.sql.DataSource;

import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectStarter;
import io.pgtask.store.DirectStarts;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskEnds;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.worker.FailureSettings;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/**
 * What an application has of pg-task: a worker, and a client whose tasks it may start
 * directly.
 */
final class Application {

	private static final FailureSettings FAILURES = new FailureSettings(1, false, 1000, Duration.ofMillis(500));

	private final Worker worker;

	private final Wakeups wakeups;

	private final JdbcTaskClient client;

	/**
	 * Create an application whose worker does not run yet.
	 * @param starters makes of the worker what starts tasks directly
	 */
	Application(DataSource dataSource, TaskRegistry registry, WorkerSettings settings,
			UnaryOperator<DirectStarter> starters) {
		this.worker = Worker
			.builder(dataSource, TaskTable.inSearchPath(), registry,
					new StepCodec(JsonMapper.builder().build(), registry))
			.settings(settings)
			.failures(FAILURES)
			.transactionManager(new DataSourceTransactionManager(dataSource))
			.build();
		DirectStarts directStarts = new DirectStarts();
		directStarts.localWorker(starters.apply(this.worker));
		this.wakeups = new Wakeups(dataSource);
		this.wakeups.localWorker(this.worker::wake);
		this.client = new JdbcTaskClient(dataSource, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()), List.of(), this.wakeups,
				TaskEnds.untold(), directStarts);
	}

	Worker worker() {
		return this.worker;
	}

	JdbcTaskClient client() {
		return this.client;
	}

	void stop() {
		this.worker.stop().join();
		this.wakeups.close();
	}

}
