package io.pgtask.autoconfigure;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

import io.pgtask.Backoff;
import io.pgtask.NextStep;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TaskRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryPolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StepSettingsSource} and {@link StepProperties}: what the annotation
 * and the properties make of a step together.
 */
class StepConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class))
		.withUserConfiguration(Steps.class);

	@Test
	void withoutPropertiesTheAnnotationSaysEverything() {
		run((registry) -> {
			assertThat(retry(registry, "Silent")).isEqualTo(RetrySettings.DEFAULT);
			assertThat(retry(registry, "Explicit"))
				.isEqualTo(new RetrySettings(5, Duration.ofSeconds(2), 3.0, null, 0.25));
			assertThat(step(registry, "Explicit").timeout()).isEqualTo(Duration.ofSeconds(40));
		});
	}

	@Test
	void theAnnotationWinsOverTheGlobalDefaultOnlyWhereItSaysSomething() {
		run((registry) -> {
			assertThat(retry(registry, "Silent")).isEqualTo(new RetrySettings(2, Backoff.LINEAR, Duration.ofSeconds(7),
					1.0, Duration.ofMinutes(3), 0.5, Set.of(), Set.of(), null));
			assertThat(step(registry, "Silent").timeout()).isEqualTo(Duration.ofSeconds(90));
			assertThat(retry(registry, "Explicit"))
				.isEqualTo(new RetrySettings(5, Duration.ofSeconds(2), 3.0, Duration.ofMinutes(3), 0.25));
			assertThat(step(registry, "Explicit").timeout()).isEqualTo(Duration.ofSeconds(40));
		}, "pg-task.retry.max-retries=2", "pg-task.retry.backoff=linear", "pg-task.retry.delay=7s",
				"pg-task.retry.max-delay=3m", "pg-task.retry.jitter=0.5", "pg-task.worker.step-timeout=90s");
	}

	@Test
	void thePropertiesOfAStepWinOverThoseOfItsTypeAndTheseOverTheAnnotation() {
		run((registry) -> {
			assertThat(retry(registry, "Explicit"))
				.isEqualTo(new RetrySettings(8, Duration.ofSeconds(1), 3.0, Duration.ofHours(1), 0.25));
			assertThat(retry(registry, "Silent").maxRetries()).isEqualTo(7);
			assertThat(retry(registry, "Silent").delay()).isEqualTo(Duration.ofSeconds(1));
			assertThat(step(registry, "Explicit").timeout()).isEqualTo(Duration.ofSeconds(5));
			assertThat(step(registry, "Silent").timeout()).isEqualTo(Duration.ofSeconds(6));
		}, "pg-task.steps.Errand.max-retries=7", "pg-task.steps.Errand.retry-delay=1s",
				"pg-task.steps.Errand.timeout=6s", "pg-task.steps.Errand.Explicit.max-retries=8",
				"pg-task.steps.Errand.Explicit.retry-max-delay=1h", "pg-task.steps.Errand.Explicit.timeout=5s");
	}

	@Test
	void namesAreRelaxedSoThatTheyCanComeFromTheEnvironment() {
		this.contextRunner
			.withInitializer((context) -> TestPropertyValues
				.of("PGTASK_STEPS_ERRAND_SILENT_MAXRETRIES=3", "PGTASK_STEPS_ERRAND_TIMEOUT=9s")
				.applyTo(context.getEnvironment(), TestPropertyValues.Type.SYSTEM_ENVIRONMENT))
			.run((context) -> {
				TaskRegistry registry = register(context.getSourceApplicationContext());
				assertThat(retry(registry, "Silent").maxRetries()).isEqualTo(3);
				assertThat(step(registry, "Silent").timeout()).isEqualTo(Duration.ofSeconds(9));
			});
	}

	@Test
	void exceptionsAreNamedInOneLineOrAsAList() {
		run((registry) -> {
			RetrySettings retry = retry(registry, "Silent");
			assertThat(retry.retryFor()).containsExactlyInAnyOrder(IOException.class, IllegalStateException.class);
			assertThat(retry.noRetryFor()).containsExactly(FileNotFoundException.class);
		}, "pg-task.steps.Errand.Silent.retry-for=java.io.IOException,java.lang.IllegalStateException",
				"pg-task.steps.Errand.Silent.no-retry-for[0]=java.io.FileNotFoundException");
	}

	@Test
	void aRetryPolicyBeanDecidesWhereTheAnnotationNamesIt() {
		run((registry) -> {
			assertThat(retry(registry, "Governed")).isEqualTo(RetrySettings.of(Steps.POLICY));
			assertThat(retry(registry, "Silent").maxRetries()).isEqualTo(4);
		}, "pg-task.retry.max-retries=4");
	}

	@Test
	void aRetryPolicyBeanDecidesWhereAPropertyNamesIt() {
		run((registry) -> {
			assertThat(retry(registry, "Silent")).isEqualTo(RetrySettings.of(Steps.POLICY));
			assertThat(retry(registry, "Explicit").policy()).isNull();
		}, "pg-task.retry.policy=patient");
		run((registry) -> assertThat(retry(registry, "Explicit")).isEqualTo(RetrySettings.of(Steps.POLICY)),
				"pg-task.steps.Errand.Explicit.retry-policy=patient");
		run((registry) -> assertThat(retry(registry, "Governed"))
			.isEqualTo(new RetrySettings(2, Duration.ofSeconds(1), 1.0, null, 0.0)),
				"pg-task.steps.Errand.Governed.max-retries=2");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			pg-task.steps.Erand.timeout=1s              | names a task type that has no steps | Errand
			pg-task.steps.Errand.Silence.timeout=1s     | names a step that the task type does not have | Silent
			pg-task.steps.Errand.time-out-after=1s      | is no setting of a task type | timeout
			pg-task.steps.Errand.Silent.max-retrys=1    | is no setting of a step | max-retries
			pg-task.steps.Errand=1s                     | is neither a setting nor a task type | Errand
			pg-task.steps.Errand.Silent.timeout=soon    | cannot be understood | attribute
			pg-task.steps.Errand.Silent.timeout=0s      | not longer than zero | timeout
			pg-task.steps.Errand.retry-jitter=7         | jitter must be between 0 and 1 | pg-task.steps
			pg-task.steps.Errand.retry-for=com.Gone     | cannot be understood | attribute
			pg-task.steps.Errand.retry-policy=nobody    | 'nobody' is not the name of a bean | pg-task.steps
			pg-task.retry.max-retries=-1                | maxRetries must be 0 or more | pg-task.retry
			""")
	void whatMakesNoSenseFailsTheStartWithTheNamesThatDo(String property, String message, String action) {
		assertThatExceptionOfType(PgTaskConfigurationException.class).isThrownBy(() -> run((registry) -> {
		}, property)).withMessageContaining(message).satisfies((ex) -> assertThat(ex.getAction()).contains(action));
	}

	private void run(Consumer<TaskRegistry> assertions, String... properties) {
		this.contextRunner.withPropertyValues(properties)
			.run((context) -> assertions.accept(register(context.getSourceApplicationContext())));
	}

	private static TaskRegistry register(ConfigurableApplicationContext context) {
		PgTaskProperties properties = PgTaskContexts.bind(context.getEnvironment());
		return new TaskStepBeans(context.getBeanFactory())
			.register(new StepSettingsSource(context.getBeanFactory(), properties));
	}

	private static StepDefinition step(TaskRegistry registry, String name) {
		StepDefinition step = registry.find("Errand", name);
		assertThat(step).as(name).isNotNull();
		return step;
	}

	private static RetrySettings retry(TaskRegistry registry, String name) {
		return step(registry, name).retry();
	}

	sealed interface Errand {

		record Silent() implements Errand {
		}

		record Explicit() implements Errand {
		}

		record Governed() implements Errand {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Steps {

		static final RetryPolicy POLICY = RetryPolicy.withMaxRetries(9);

		@Bean
		RetryPolicy patient() {
			return POLICY;
		}

		@Bean
		@TaskStep
		Step<Errand, Errand.Silent> silent() {
			return Steps::run;
		}

		@Bean
		@TaskStep(maxRetries = 5, retryDelay = "2s", retryMultiplier = 3, retryJitter = 0.25, timeout = "40s")
		Step<Errand, Errand.Explicit> explicit() {
			return Steps::run;
		}

		@Bean
		@TaskStep(retryPolicy = "patient")
		Step<Errand, Errand.Governed> governed() {
			return Steps::run;
		}

		private static NextStep<Errand> run(Errand state, StepContext context) {
			return NextStep.done();
		}

	}

}
