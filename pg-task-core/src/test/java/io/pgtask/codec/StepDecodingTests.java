package io.pgtask.codec;

import io.pgtask.registry.TaskRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StepCodec}: texts that are no state of a step known here.
 */
class StepDecodingTests {

	private static final String PREFIX = "can't deserialize step (the task was likely changed between the scheduling"
			+ " and running of the step): ";

	private final StepCodec codec = new StepCodec(JsonMapper.shared(),
			TaskRegistry.builder().step(new ReadNameStep()).step(new SayHelloStep()).build());

	@ParameterizedTest
	@ValueSource(strings = { "name.txt", "{\"Greeter\":{\"ReadName\":{\"filename\":\"name.txt\"}}",
			"{\"Greeter\":{\"ReadName\":{\"filename\":\"name.t", "{\"Greeter\":{\"ReadName\":{\"filename\":}}}",
			"{'Greeter':{}}", "{\"Greeter\":{\"ReadName\":{\"filename\":\"a\",}}}", "{\"Greeter\"", "\u0001" })
	void aTextThatIsNotJsonIsRefusedWithThePlace(String text) {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> this.codec.decode(text))
			.withMessageStartingWith(PREFIX + "it is not JSON: ")
			.withMessageMatching(".*\\(line 1, column \\d+\\)");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "null", "1", "\"Greeter\"", "[]", "[{\"Greeter\":{}}]", "{}" })
	void aTextWithoutATaskTypeIsRefused(String text) {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> this.codec.decode(text))
			.withMessageStartingWith(PREFIX + "expected a JSON object with the name of the task type");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"Greeter\":{}}", "{\"Greeter\":null}", "{\"Greeter\":\"ReadName\"}",
			"{\"Greeter\":[\"ReadName\"]}" })
	void aTextWithoutAStepIsRefused(String text) {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> this.codec.decode(text))
			.withMessageStartingWith(PREFIX + "expected a JSON object with the name of the step");
	}

	@Test
	void anUnknownTaskTypeIsRefusedByName() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Stranger\":{\"ReadName\":null}}"))
			.withMessage(PREFIX + "no task type 'Stranger' is known here");
	}

	@Test
	void anUnknownStepOfAKnownTaskTypeIsRefusedWithTheKnownOnes() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Greeter\":{\"Wave\":null}}"))
			.withMessage(PREFIX + "the task type 'Greeter' has no step 'Wave' here, only ReadName, SayHello");
	}

	@Test
	void aVeryLongNameIsNotRepeatedInFull() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"" + "x".repeat(10_000) + "\":{\"y\":null}}"))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(500));
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Greeter\":{\"" + "x".repeat(10_000) + "\":null}}"))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(500));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"Greeter\":{\"ReadName\":{\"filename\":\"a\"}}} x",
			"{\"Greeter\":{\"ReadName\":{\"filename\":\"a\"}}}}" })
	void garbageBehindTheObjectIsNotJson(String text) {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> this.codec.decode(text))
			.withMessageStartingWith(PREFIX + "it is not JSON: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"Greeter\":{\"ReadName\":{\"filename\":\"a\"}}}{}",
			"{\"Greeter\":{\"ReadName\":{\"filename\":\"a\"}}} 1" })
	void aSecondValueBehindTheObjectIsRefused(String text) {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> this.codec.decode(text))
			.withMessage(PREFIX + "there is more text behind the end of the JSON object");
	}

	@Test
	void aSecondStepIsRefused() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec
				.decode("{\"Greeter\":{\"ReadName\":{\"filename\":\"a\"},\"SayHello\":{\"name\":\"a\"}}}"))
			.withMessage(PREFIX + "there is another property beside the name of the step");
	}

	@Test
	void aSecondTaskTypeIsRefused() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Greeter\":{\"ReadName\":{\"filename\":\"a\"}},\"Other\":{}}"))
			.withMessage(PREFIX + "there is another property beside the name of the task type");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"filename\":{\"deep\":1}}", "{\"filename\":[]}" })
	void aComponentOfAnotherTypeIsRefusedWithItsPath(String state) {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Greeter\":{\"ReadName\":" + state + "}}"))
			.withMessageStartingWith(
					PREFIX + "the state does not fit io.pgtask.codec.StepDecodingTests$Greeter$ReadName at filename: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1", "true", "\"name.txt\"", "[]", "[\"name.txt\"]" })
	void aStateThatIsNoObjectIsRefused(String state) {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Greeter\":{\"ReadName\":" + state + "}}"))
			.withMessageStartingWith(PREFIX + "the state does not fit ");
	}

	@Test
	void whatTheStatesConstructorSaysIsTold() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Greeter\":{\"SayHello\":{\"name\":\"\"}}}"))
			.withMessageContaining("SayHello")
			.withMessageContaining("a name has letters")
			.withRootCauseInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void aStateWhoseClassCannotBeInitializedIsRefused() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> Codecs.read(Uninitialized.class, "{\"name\":\"a\"}"))
			.withMessageStartingWith(PREFIX + "the state does not fit ")
			.withCauseInstanceOf(LinkageError.class);
	}

	@Test
	void theWholeStateIsNotRepeated() {
		String secret = "secret".repeat(1000);
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Greeter\":{\"ReadName\":{\"other\":\"" + secret + "\"}}}"))
			.withMessageNotContaining("secret");
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> Codecs.read(Number.class, "{\"value\":\"" + secret + "\"}"))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(1500));
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> this.codec.decode("{\"Greeter\":{\"ReadName\":{\"filename\":\"" + secret))
			.withMessageNotContaining("secret");
	}

	@Test
	void aTextDeeperThanTheLimitIsRefused() {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> this.codec.decode(
				"{\"Greeter\":{\"ReadName\":{\"filename\":\"a\",\"deep\":" + "[".repeat(600) + "]".repeat(600) + "}}}"))
			.withMessageContaining("nesting depth");
	}

	sealed interface Greeter {

		record ReadName(String filename) implements Greeter {
		}

		record SayHello(String name) implements Greeter {

			public SayHello {
				if (name.isEmpty()) {
					throw new IllegalArgumentException("a name has letters");
				}
			}

		}

	}

	record Number(int value) {
	}

	record Uninitialized(String name) {

		static final int NUMBER = Integer.parseInt("none");

	}

	static class ReadNameStep extends NoOpStep<Greeter, Greeter.ReadName> {

	}

	static class SayHelloStep extends NoOpStep<Greeter, Greeter.SayHello> {

	}

}
