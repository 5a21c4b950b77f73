package io.pgtask.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.pgtask.TaskAdmin;
import io.pgtask.actuate.metrics.StepMetrics;
import io.pgtask.actuate.metrics.TaskMetrics;
import io.pgtask.actuate.metrics.WorkerMetrics;
import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.worker.Worker;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the metrics of pg-task.
 */
@AutoConfiguration(after = { PgTaskAutoConfiguration.class, PgTaskWorkerAutoConfiguration.class },
		afterName = {
				"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration" })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(MeterRegistry.class)
public final class PgTaskMetricsAutoConfiguration {

	@Bean
	@ConditionalOnBean(Worker.class)
	@ConditionalOnMissingBean
	StepMetrics pgTaskStepMetrics() {
		return new StepMetrics();
	}

	@Bean
	@ConditionalOnBean(Worker.class)
	@ConditionalOnMissingBean
	WorkerMetrics pgTaskWorkerMetrics(Worker worker) {
		return new WorkerMetrics(worker);
	}

	@Bean
	@ConditionalOnBean(TaskAdmin.class)
	@ConditionalOnMissingBean
	TaskMetrics pgTaskMetrics(TaskAdmin admin, ObjectProvider<TaskRegistry> registry, PgTaskProperties properties) {
		TaskRegistry steps = registry.getIfAvailable(TaskRegistry::empty);
		return new TaskMetrics(admin, properties.metrics().requireCountInterval(),
				steps.steps().stream().map(StepDefinition::taskType).distinct().toList());
	}

}
