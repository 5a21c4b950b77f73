package io.pgtask.registry;

import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.pgtask.Backoff;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.TaskStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.retry.RetryPolicy;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.util.PropertyPlaceholderHelper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StepSettingsReader}.
 */
class StepSettingsReaderTests {

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
	@ValueSource(classes = { NoDuration.class, Unresolved.class, Negative.class, NegativeRetries.class, Shrinking.class,
			Jittery.class, ZeroTimeout.class })
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

	@Test
	void aMultiplierAsksForExponentialDelays() {
		assertThat(read(Multiplied.class).backoff()).isEqualTo(Backoff.EXPONENTIAL);
	}

	@Test
	void exponentialDelaysDoubleWithoutAMultiplier() {
		assertThat(read(Exponential.class)).isEqualTo(new RetrySettings(0, Duration.ofSeconds(1), 2.0, null, 0.0));
	}

	@Test
	void theStrongerSourceWinsAttributeByAttribute() {
		StepOptions options = options(Everything.class);
		StepOptions stronger = new StepOptions(null, Backoff.LINEAR, null, null, Duration.ofMinutes(1), null, null,
				null, null, Duration.ofSeconds(3));
		StepOptions merged = stronger.over(options);
		assertThat(merged.retry(StepOptions.RetryPolicies.NONE)).satisfies((retry) -> {
			assertThat(retry.maxRetries()).isEqualTo(7);
			assertThat(retry.backoff()).isEqualTo(Backoff.LINEAR);
			assertThat(retry.delay()).isEqualTo(Duration.ofMillis(1500));
			assertThat(retry.maxDelay()).isEqualTo(Duration.ofMinutes(1));
			assertThat(retry.jitter()).isEqualTo(0.5);
		});
		assertThat(merged.timeout()).isEqualTo(Duration.ofSeconds(3));
	}

	@Test
	void anAnnotationThatSaysNothingLeavesEverythingToTheNextSource() {
		assertThat(options(Defaults.class)).isEqualTo(StepOptions.NONE);
	}

	@Test
	void aPolicyReplacesAllThatAWeakerSourceSaysAboutRetriesAndGivesWayToAStrongerOne() {
		StepOptions policy = new StepOptions(null, null, null, null, null, null, null, null, "mine", null);
		StepOptions delay = new StepOptions(null, null, Duration.ofSeconds(9), null, null, null, null, null, null,
				Duration.ofSeconds(3));
		RetryPolicy mine = RetryPolicy.withMaxRetries(1);
		assertThat(policy.over(delay).retry((name) -> mine)).isEqualTo(RetrySettings.of(mine));
		assertThat(policy.over(delay).timeout()).isEqualTo(Duration.ofSeconds(3));
		assertThat(delay.over(policy).retry((name) -> mine))
			.isEqualTo(new RetrySettings(0, Duration.ofSeconds(9), 1.0, null, 0.0));
	}

	@Test
	void aPolicyBesideOtherAttributesAboutRetriesIsRefused() {
		assertThatExceptionOfType(PgTaskConfigurationException.class).isThrownBy(() -> read(TwoMinds.class))
			.withMessageContaining("'mine' decides alone")
			.withMessageContaining(TwoMinds.class.getName());
	}

	@Test
	void aTimeoutHoldsForEveryKindOfStep() {
		assertThat(settings(Timed.class).timeout()).isEqualTo(Duration.ofSeconds(5));
		assertThat(settings(Timed.class).transaction()).isNull();
		assertThat(settings(TimedTransaction.class).timeout()).isEqualTo(Duration.ofSeconds(5));
		assertThat(settings(TimedTransaction.class).transaction())
			.isEqualTo(new TransactionSettings(Isolation.DEFAULT, Duration.ofSeconds(5), false));
	}

	private static StepOptions options(Class<?> type) {
		TaskStep annotation = type.getAnnotation(TaskStep.class);
		assertThat(annotation).isNotNull();
		return StepSettingsReader.options(annotation, PLACEHOLDERS, type.getName());
	}

	private static StepSettings settings(Class<?> type) {
		TaskStep annotation = type.getAnnotation(TaskStep.class);
		assertThat(annotation).isNotNull();
		return StepSettingsReader.read(annotation, PLACEHOLDERS, type.getName());
	}

	private static RetrySettings read(Class<?> type) {
		TaskStep annotation = type.getAnnotation(TaskStep.class);
		assertThat(annotation).isNotNull();
		return StepSettingsReader.read(annotation, PLACEHOLDERS, type.getName()).retry();
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

	@TaskStep(retryMultiplier = 3)
	static class Multiplied {

	}

	@TaskStep(retryBackoff = Backoff.EXPONENTIAL)
	static class Exponential {

	}

	@TaskStep(retryPolicy = "mine", maxRetries = 3)
	static class TwoMinds {

	}

	@TaskStep(timeout = "5s")
	static class Timed {

	}

	@TaskStep(timeout = "5s", transactional = true)
	static class TimedTransaction {

	}

	@TaskStep(timeout = "0s")
	static class ZeroTimeout {

	}

}
