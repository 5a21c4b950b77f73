package io.pgtask.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.worker.WorkerBuilder;
import io.pgtask.worker.WorkerSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Gives a worker what its transactional steps need: a transaction manager, and a bound so
 * that they do not use up the pool.
 */
final class StepTransactions {

	private final DataSource dataSource;

	private final ObjectProvider<PlatformTransactionManager> qualified;

	private final ObjectProvider<PlatformTransactionManager> managers;

	private final ConnectionPoolCheck pool;

	private final boolean errorEvents;

	/**
	 * Create it; nothing is chosen before it is needed.
	 * @param dataSource the data source of pg-task
	 * @param qualified the managers that carry {@link PgTaskDataSource}
	 * @param managers the other managers of the application
	 * @param pool knows the size of the pool
	 * @param errorEvents whether one more connection listens for errors
	 */
	StepTransactions(DataSource dataSource, ObjectProvider<PlatformTransactionManager> qualified,
			ObjectProvider<PlatformTransactionManager> managers, ConnectionPoolCheck pool, boolean errorEvents) {
		this.dataSource = dataSource;
		this.qualified = qualified;
		this.managers = managers;
		this.pool = pool;
		this.errorEvents = errorEvents;
	}

	/**
	 * Configure a worker that has transactional steps.
	 * @param builder the worker
	 * @param settings how it works
	 * @throws PgTaskConfigurationException if there are several managers to choose from
	 */
	void configure(WorkerBuilder builder, WorkerSettings settings) {
		builder.transactionManager(choose());
		builder
			.transactionalConcurrency(this.pool.transactionalConcurrency(this.dataSource, settings, this.errorEvents));
	}

	/**
	 * The manager with the annotation, and otherwise the only or the primary one of the
	 * data source.
	 */
	private @Nullable PlatformTransactionManager choose() {
		List<PlatformTransactionManager> annotated = this.qualified.stream().toList();
		if (!annotated.isEmpty()) {
			return only(annotated);
		}
		List<PlatformTransactionManager> matching = this.managers.stream()
			.filter((manager) -> TransactionCheck.covers(manager, this.dataSource))
			.toList();
		if (matching.isEmpty()) {
			return null;
		}
		PlatformTransactionManager primary = this.managers.getIfUnique();
		return matching.contains(primary) ? primary : only(matching);
	}

	private static PlatformTransactionManager only(List<PlatformTransactionManager> managers) {
		if (managers.size() > 1) {
			throw new PgTaskConfigurationException(
					"There are transactional steps and several transaction managers for the DataSource of pg-task: "
							+ String.join(", ",
									managers.stream().map((manager) -> manager.getClass().getName()).toList())
							+ ".",
					"Annotate the one that transactional steps should use with @PgTaskDataSource, or make it @Primary.");
		}
		return managers.get(0);
	}

}
