package io.pgtask.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import io.pgtask.observation.EnqueueObservationConvention;
import io.pgtask.observation.ObservationHeadersContributor;
import io.pgtask.observation.ObservationStepInterceptor;
import io.pgtask.observation.StepObservationConvention;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the observations of pg-task.
 */
@AutoConfiguration(after = { PgTaskAutoConfiguration.class, PgTaskWorkerAutoConfiguration.class },
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(ObservationRegistry.class)
public final class PgTaskObservationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ObservationHeadersContributor pgTaskObservationHeadersContributor(ObservationRegistry registry,
			ObjectProvider<EnqueueObservationConvention> convention) {
		return new ObservationHeadersContributor(registry, convention.getIfAvailable());
	}

	@Bean
	@ConditionalOnMissingBean
	ObservationStepInterceptor pgTaskObservationStepInterceptor(ObservationRegistry registry,
			ObjectProvider<StepObservationConvention> convention) {
		return new ObservationStepInterceptor(registry, convention.getIfAvailable());
	}

}
