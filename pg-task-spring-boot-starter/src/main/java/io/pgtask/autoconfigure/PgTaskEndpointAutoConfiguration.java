package io.pgtask.autoconfigure;

import io.pgtask.DeadTasks;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskHistory;
import io.pgtask.TaskHousekeeping;
import io.pgtask.actuate.endpoint.PgTaskAfterwards;
import io.pgtask.actuate.endpoint.PgTaskEndpoint;
import io.pgtask.actuate.endpoint.PgTaskEndpointWebExtension;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.worker.Worker;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link PgTaskEndpoint}.
 */
@AutoConfiguration(after = { PgTaskAutoConfiguration.class, PgTaskWorkerAutoConfiguration.class })
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(PgTaskEndpoint.class)
@EnableConfigurationProperties(PgTaskEndpointProperties.class)
public final class PgTaskEndpointAutoConfiguration {

	@Bean
	@ConditionalOnBean(TaskAdmin.class)
	@ConditionalOnMissingBean
	PgTaskEndpoint pgTaskEndpoint(TaskAdmin admin, ObjectProvider<TaskRegistry> registry, ObjectProvider<Worker> worker,
			ObjectProvider<SanitizingFunction> sanitizingFunctions) {
		TaskRegistry steps = registry.getIfAvailable(TaskRegistry::empty);
		return new PgTaskEndpoint(admin, steps, steps.steps().isEmpty() ? null : worker.getIfAvailable(),
				sanitizingFunctions.orderedStream().toList());
	}

	@Bean
	@ConditionalOnBean(PgTaskEndpoint.class)
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	PgTaskEndpointWebExtension pgTaskEndpointWebExtension(PgTaskEndpoint endpoint, TaskHistory history,
			DeadTasks deadTasks, TaskHousekeeping housekeeping, ObjectProvider<SanitizingFunction> sanitizingFunctions,
			PgTaskEndpointProperties properties) {
		PgTaskAfterwards afterwards = new PgTaskAfterwards(history, deadTasks, housekeeping,
				sanitizingFunctions.orderedStream().toList());
		return new PgTaskEndpointWebExtension(endpoint, afterwards, properties.showValues(), properties.roles());
	}

}
