package io.pgtask.autoconfigure;

import io.pgtask.test.TestDatabase;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.core.env.Environment;

/**
 * Application contexts on a real database.
 */
final class PgTaskContexts {

	private PgTaskContexts() {
	}

	/**
	 * Return a runner of contexts as an application has them that runs steps.
	 * @param database the database, with its table
	 * @return the runner
	 */
	static ApplicationContextRunner on(TestDatabase database) {
		return new ApplicationContextRunner().withPropertyValues(properties(database))
			.withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class,
					LifecycleAutoConfiguration.class, TaskExecutionAutoConfiguration.class,
					DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					TransactionAutoConfiguration.class, JacksonAutoConfiguration.class, PgTaskAutoConfiguration.class,
					PgTaskWorkerAutoConfiguration.class));
	}

	/** Return what the environment says. */
	static PgTaskProperties bind(Environment environment) {
		return Binder.get(environment).bindOrCreate("pg-task", PgTaskProperties.class);
	}

	static String[] properties(TestDatabase database) {
		return new String[] { "spring.datasource.url=" + database.url(),
				"spring.datasource.username=" + database.username(),
				"spring.datasource.password=" + database.password() };
	}

}
