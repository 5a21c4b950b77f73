package io.pgtask.autoconfigure;

import java.time.Duration;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.TaskStep;
import io.pgtask.actuate.health.PgTaskHealthIndicator;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PgTaskHealthContributorAutoConfiguration}.
 */
@PostgresTest
class PgTaskHealthContributorAutoConfigurationTests {

	private final JdbcTemplate jdbc;

	private final ApplicationContextRunner contextRunner;

	PgTaskHealthContributorAutoConfigurationTests(TestDatabase database) {
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database)
			.withConfiguration(AutoConfigurations.of(PgTaskHealthContributorAutoConfiguration.class,
					HealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class))
			.withUserConfiguration(FailingStep.class);
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@Test
	void theHealthOfTheWorkerIsPartOfTheApplications() {
		this.contextRunner
			.run((context) -> assertThat(context.getBean(HealthContributorRegistry.class).getContributor("pgTask"))
				.isInstanceOf(PgTaskHealthIndicator.class));
	}

	@Test
	void tasksThatFailAreNoReasonToBeDown() {
		this.contextRunner.run((context) -> {
			context.getBean(TaskClient.class).enqueue(new Broken());
			await().untilAsserted(() -> assertThat(
					this.jdbc.queryForObject("SELECT count(*) FROM pg_task WHERE error IS NOT NULL", Integer.class))
				.isOne());
			Health health = context.getBean(PgTaskHealthIndicator.class).health();
			assertThat(health).extracting(Health::getStatus).isEqualTo(Status.UP);
		});
	}

	@Test
	void anOutageLongerThanToleratedIsDown() {
		this.contextRunner
			.withPropertyValues("pg-task.health.outage-tolerance=1ms", "pg-task.worker.poll-interval=200ms",
					"spring.datasource.hikari.connection-timeout=250")
			.run((context) -> {
				PgTaskHealthIndicator indicator = context.getBean(PgTaskHealthIndicator.class);
				await().untilAsserted(() -> assertThat(statusOf(indicator)).isEqualTo(Status.UP));
				context.getBean(HikariDataSource.class).close();
				await().atMost(Duration.ofSeconds(20))
					.untilAsserted(() -> assertThat(statusOf(indicator)).isEqualTo(Status.DOWN));
			});
	}

	@Test
	void aProducerHasNoWorkerWhoseHealthCouldMatter() {
		this.contextRunner.withPropertyValues("pg-task.worker.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(PgTaskHealthIndicator.class));
	}

	@Test
	void theHealthCheckCanBeDisabled() {
		this.contextRunner.withPropertyValues("management.health.pgtask.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(PgTaskHealthIndicator.class));
	}

	@Test
	void theHealthCheckOfTheApplicationReplacesIt() {
		this.contextRunner.withBean("pgTaskHealthIndicator", HealthIndicator.class, () -> () -> Health.up().build())
			.run((context) -> assertThat(context).doesNotHaveBean(PgTaskHealthIndicator.class));
	}

	private static Status statusOf(PgTaskHealthIndicator indicator) {
		Health health = indicator.health();
		return (health != null) ? health.getStatus() : Status.UNKNOWN;
	}

	record Broken() {
	}

	@Configuration(proxyBeanMethods = false)
	static class FailingStep {

		@Bean
		@TaskStep
		Step<Broken, Broken> broken() {
			return (state, context) -> {
				throw new IllegalStateException("broken");
			};
		}

	}

}
