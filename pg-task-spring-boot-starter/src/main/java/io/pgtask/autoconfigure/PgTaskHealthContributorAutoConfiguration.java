package io.pgtask.autoconfigure;

import io.pgtask.actuate.health.PgTaskHealthIndicator;
import io.pgtask.worker.Worker;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the
 * {@link PgTaskHealthIndicator}.
 */
@AutoConfiguration(after = PgTaskWorkerAutoConfiguration.class,
		beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnEnabledHealthIndicator("pgtask")
public final class PgTaskHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnBean(Worker.class)
	@ConditionalOnMissingBean(name = { "pgTaskHealthIndicator", "pgTaskHealthContributor" })
	PgTaskHealthIndicator pgTaskHealthContributor(Worker worker, PgTaskProperties properties) {
		return new PgTaskHealthIndicator(worker, properties.health().requireOutageTolerance());
	}

}
