package io.pgtask.autoconfigure;

import java.util.Set;

import io.pgtask.TaskAdmin;
import io.pgtask.TaskClient;
import io.pgtask.worker.Worker;

import org.springframework.boot.sql.init.dependency.AbstractBeansOfTypeDependsOnDatabaseInitializationDetector;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitializationDetector;

/**
 * {@link DependsOnDatabaseInitializationDetector} for everything that uses pg-task's
 * table, the application's own beans of these types included.
 */
class PgTaskDependsOnDatabaseInitializationDetector extends AbstractBeansOfTypeDependsOnDatabaseInitializationDetector {

	@Override
	protected Set<Class<?>> getDependsOnDatabaseInitializationBeanTypes() {
		return Set.of(TaskClient.class, TaskAdmin.class, Worker.class);
	}

}
