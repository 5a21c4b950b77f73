package io.pgtask.autoconfigure;

import java.time.Duration;

import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.SchemaCheck;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Checks whether the worker has what it needs: privileges, connections and transactions
 * while it runs, and time when it stops.
 */
final class PgTaskWorkerCheck implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(PgTaskWorkerCheck.class);

	private final Worker worker;

	private final TaskRegistry registry;

	private final PgTaskDatabase database;

	private final ConnectionPoolCheck pool;

	private final boolean errorEvents;

	private final Duration timeoutPerShutdownPhase;

	PgTaskWorkerCheck(Worker worker, TaskRegistry registry, PgTaskDatabase database, ConnectionPoolCheck pool,
			boolean errorEvents, Duration timeoutPerShutdownPhase) {
		this.worker = worker;
		this.registry = registry;
		this.database = database;
		this.pool = pool;
		this.errorEvents = errorEvents;
		this.timeoutPerShutdownPhase = timeoutPerShutdownPhase;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.registry.steps().isEmpty()) {
			return;
		}
		WorkerSettings settings = this.worker.settings();
		this.pool.verify(this.database.dataSource(), settings, this.errorEvents);
		SchemaCheck.verifyForWorker(this.database.dataSource(), this.database.table());
		this.worker.verifyTransactions();
		if (settings.shutdownTimeout().compareTo(this.timeoutPerShutdownPhase) >= 0) {
			logger.warn(
					"pg-task.worker.shutdown-timeout (%s) is not shorter than spring.lifecycle.timeout-per-shutdown-phase (%s): the application will be gone before the worker has given back its unfinished tasks, and they wait for the end of their leases"
						.formatted(settings.shutdownTimeout(), this.timeoutPerShutdownPhase));
		}
	}

}
