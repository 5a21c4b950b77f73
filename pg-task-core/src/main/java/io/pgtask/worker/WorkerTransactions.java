package io.pgtask.worker;

import java.util.stream.Collectors;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JoinedTransition;

import org.springframework.transaction.PlatformTransactionManager;

/**
 * Whether a worker can run its transactional steps.
 */
final class WorkerTransactions {

	private static final String ACTION = "Give the worker a transaction manager of the DataSource of pg-task, such as a"
			+ " JdbcTransactionManager or a JpaTransactionManager: with Spring Boot declare it as a bean, and annotate"
			+ " it with @PgTaskDataSource if there are others. Or remove transactional = true from these steps.";

	private WorkerTransactions() {
	}

	static PgTaskConfigurationException noManager(TaskRegistry registry) {
		return new PgTaskConfigurationException(
				"The steps " + transactionalSteps(registry)
						+ " are transactional, but there is no transaction manager for the DataSource of pg-task.",
				ACTION);
	}

	static void verify(WorkerParts parts) {
		PlatformTransactionManager manager = parts.transactionManager();
		if (manager == null || !parts.registry().hasTransactionalSteps()) {
			return;
		}
		JoinedTransition joined = new JoinedTransition(parts.dataSource(), parts.table());
		if (!new StepTransactions(manager, joined).canIncludeTable()) {
			throw new PgTaskConfigurationException(
					"The steps " + transactionalSteps(parts.registry())
							+ " are transactional, but the transactions of the worker's transaction manager, a "
							+ manager.getClass().getName()
							+ ", are not on the DataSource of pg-task and cannot include the transition of a step.",
					ACTION);
		}
	}

	private static String transactionalSteps(TaskRegistry registry) {
		return registry.steps()
			.stream()
			.filter((step) -> step.transaction() != null)
			.map(StepDefinition::origin)
			.collect(Collectors.joining(", "));
	}

}
