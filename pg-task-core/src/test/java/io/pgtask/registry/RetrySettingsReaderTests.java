package io.pgtask.registry;

import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.TaskStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.util.PropertyPlaceholderHelper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RetrySettingsReader}.
 */
class RetrySettingsReaderTests {

	private static final UnaryOperator<String> PLACEHOLDERS = (text) -> new PropertyPlaceholderHelper("${", "}")
		.replacePlaceholders(text, Map.of("greeter.delay", "PT0.25S")::get);

	@Test
	void theDefaultsOfTheAnnotationAreThoseOfTheSettings() {
		assertThat(read(Defaults.class)).isEqualTo(RetrySettings.DEFAULT);
	}

	@Test
	void allAttributesAreRead() {
		assertThat(read(Everything.class))
			.isEqualTo(new RetrySettings(7, Duration.ofMillis(1500), 2.5, Duration.ofMinutes(10), 0.5));
	}

	@Test
	void placeholdersAreResolved() {
		assertThat(read(Placeholder.class).delay()).isEqualTo(Duration.ofMillis(250));
	}

	@ParameterizedTest
	@ValueSource(classes = { NoDuration.class, Empty.class, Unresolved.class, Negative.class, NegativeRetries.class,
			Shrinking.class, Jittery.class })
	void anInvalidAttributeIsRefusedWithTheStepAndTheValue(Class<?> type) {
		assertThatExceptionOfType(PgTaskConfigurationException.class).isThrownBy(() -> read(type))
			.withMessageContaining("@TaskStep")
			.withMessageContaining(type.getName())
			.satisfies((ex) -> assertThat(ex.getAction()).isNotBlank());
	}

	@Test
	void theTextThatIsNoDurationIsQuoted() {
		assertThatExceptionOfType(PgTaskConfigurationException.class).isThrownBy(() -> read(NoDuration.class))
			.withMessageContaining("retryDelay")
			.withMessageContaining("'soon'");
	}

	private static RetrySettings read(Class<?> type) {
		TaskStep annotation = type.getAnnotation(TaskStep.class);
		assertThat(annotation).isNotNull();
		return RetrySettingsReader.read(annotation, PLACEHOLDERS, type.getName());
	}

	@TaskStep
	static class Defaults {

	}

	@TaskStep(maxRetries = 7, retryDelay = "1500ms", retryMultiplier = 2.5, retryMaxDelay = "PT10M", retryJitter = 0.5)
	static class Everything {

	}

	@TaskStep(retryDelay = "${greeter.delay}")
	static class Placeholder {

	}

	@TaskStep(retryDelay = "soon")
	static class NoDuration {

	}

	@TaskStep(retryDelay = "")
	static class Empty {

	}

	@TaskStep(retryMaxDelay = "${greeter.unknown}")
	static class Unresolved {

	}

	@TaskStep(retryDelay = "-1s")
	static class Negative {

	}

	@TaskStep(maxRetries = -1)
	static class NegativeRetries {

	}

	@TaskStep(retryMultiplier = 0.5)
	static class Shrinking {

	}

	@TaskStep(retryJitter = 1.5)
	static class Jittery {

	}

}
