package io.pgtask.autoconfigure;

import java.util.Set;

import io.pgtask.DeadTasks;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskHistory;
import io.pgtask.TaskHousekeeping;
import io.pgtask.actuate.endpoint.PgTaskEndpoint;
import io.pgtask.actuate.endpoint.PgTaskEndpointWebExtension;
import io.pgtask.registry.TaskRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link PgTaskEndpointAutoConfiguration}.
 */
class PgTaskEndpointAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withBean(TaskAdmin.class, () -> mock(TaskAdmin.class))
		.withBean(TaskHistory.class, () -> mock(TaskHistory.class))
		.withBean(DeadTasks.class, () -> mock(DeadTasks.class))
		.withBean(TaskHousekeeping.class, () -> mock(TaskHousekeeping.class))
		.withConfiguration(AutoConfigurations.of(PgTaskEndpointAutoConfiguration.class));

	@Test
	void theEndpointIsThereWhenItIsExposed() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=pgtask")
			.run((context) -> assertThat(context).hasSingleBean(PgTaskEndpoint.class)
				.hasSingleBean(PgTaskEndpointWebExtension.class));
	}

	@Test
	void theEndpointIsNotThereUnlessItIsExposed() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(PgTaskEndpoint.class));
	}

	@Test
	void theEndpointIsNotThereWithoutTasksToOperate() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PgTaskEndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=pgtask")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(PgTaskEndpoint.class));
	}

	@Test
	void theEndpointIsNotThereWithoutAccess() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=pgtask",
					"management.endpoint.pgtask.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(PgTaskEndpoint.class));
	}

	@Test
	void exposedByJmxOnlyItHasNoWebExtension() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=info", "spring.jmx.enabled=true",
					"management.endpoints.jmx.exposure.include=pgtask")
			.run((context) -> assertThat(context).hasSingleBean(PgTaskEndpoint.class)
				.doesNotHaveBean(PgTaskEndpointWebExtension.class));
	}

	@Test
	void theEndpointOfTheApplicationReplacesIt() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=pgtask")
			.withUserConfiguration(OwnEndpoint.class)
			.run((context) -> assertThat(context).hasSingleBean(PgTaskEndpoint.class).hasBean("ownEndpoint"));
	}

	@Test
	void valuesAreShownToNobodyByDefault() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=pgtask")
			.run((context) -> assertThat(context.getBean(PgTaskEndpointWebExtension.class)).extracting("showValues")
				.isEqualTo(Show.NEVER));
	}

	@Test
	void whoSeesValuesIsConfigured() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=pgtask",
					"management.endpoint.pgtask.show-values=when-authorized", "management.endpoint.pgtask.roles=admin")
			.run((context) -> {
				PgTaskEndpointWebExtension extension = context.getBean(PgTaskEndpointWebExtension.class);
				assertThat(extension).extracting("showValues").isEqualTo(Show.WHEN_AUTHORIZED);
				assertThat(extension).extracting("roles").isEqualTo(Set.of("admin"));
			});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnEndpoint {

		@Bean
		PgTaskEndpoint ownEndpoint(TaskAdmin admin) {
			return new PgTaskEndpoint(admin, TaskRegistry.empty(), null, Set.of());
		}

	}

}
