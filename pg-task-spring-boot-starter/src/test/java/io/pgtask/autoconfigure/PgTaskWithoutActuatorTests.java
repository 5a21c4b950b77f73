package io.pgtask.autoconfigure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import io.pgtask.TaskClient;
import io.pgtask.autoconfigure.steps.Greeter;
import io.pgtask.autoconfigure.steps.ReadNameStep;
import io.pgtask.autoconfigure.steps.SayHelloStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurationImportSelector;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.AnnotationAttributes;
import org.springframework.core.type.AnnotationMetadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for an application that has nothing but the starter on its class path.
 */
@PostgresTest
class PgTaskWithoutActuatorTests {

	private static final String[] HIDDEN = { "org.springframework.boot.actuate", "org.springframework.boot.health",
			"org.springframework.boot.micrometer", "org.springframework.boot.webmvc", "org.springframework.web",
			"io.micrometer" };

	@Test
	void anEmptyDatabaseIsAllThatTasksNeed(TestDatabase database) {
		new ApplicationContextRunner().withPropertyValues(PgTaskContexts.properties(database))
			.withPropertyValues("spring.liquibase.enabled=false")
			.withClassLoader(new FilteredClassLoader(HIDDEN))
			.withUserConfiguration(Application.class)
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.doesNotHaveBean("pgTaskEndpoint")
					.doesNotHaveBean("pgTaskHealthContributor")
					.doesNotHaveBean("pgTaskStepMetrics")
					.doesNotHaveBean("pgTaskObservationStepInterceptor");
				context.getBean(TaskClient.class).enqueue(new Greeter.ReadName("Ada.txt"));
				await().untilAsserted(
						() -> assertThat(context.getBean(SayHelloStep.class).greeted()).containsExactly("Ada"));
			});
	}

	@Configuration(proxyBeanMethods = false)
	@Import({ WhatIsThere.class, ReadNameStep.class, SayHelloStep.class })
	static class Application {

	}

	/**
	 * Selects what Spring Boot would without the optional modules. Only their classes can
	 * be hidden, not that they list auto-configurations.
	 */
	static class WhatIsThere extends AutoConfigurationImportSelector {

		@Override
		protected @Nullable AnnotationAttributes getAttributes(AnnotationMetadata metadata) {
			return AnnotationAttributes.fromMap(Map.of("exclude", new String[0], "excludeName", new String[0]));
		}

		@Override
		protected List<String> getCandidateConfigurations(AnnotationMetadata metadata,
				@Nullable AnnotationAttributes attributes) {
			List<String> candidates = new ArrayList<>(super.getCandidateConfigurations(metadata, attributes));
			candidates.removeIf((name) -> Arrays.stream(HIDDEN).anyMatch((hidden) -> name.startsWith(hidden + ".")));
			return candidates;
		}

	}

}
