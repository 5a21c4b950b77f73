package io.pgtask.store;

import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StepText} and {@link StepPattern}.
 */
class StepTextTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{"Greeter":{"ReadName":{"filename":"name.txt"}}} | ReadName | {"filename":"name.txt"}
			{"Greeter":{"Start":null}}                       | Start    | null
			{"Sleeper":{"Sleep":3}}                          | Sleep    | 3
			{"Sleeper":{"Sleep":-3.50e2 } }                  | Sleep    | -3.50e2
			{"T":{"S":"a}}b\\"{"}}                           | S        | "a}}b\\"{"
			{"T":{"S":[1, {"a" : 2}] }}                      | S        | [1, {"a" : 2}]
			 { "T" : { "S\\u0041" : true } }                 | SA       | true
			{"T":{"Grüße 🐘":{"🐘":"ü"}}}                    | Grüße 🐘 | {"🐘":"ü"}
			""")
	void aTextIsTakenApartAsItIsWritten(String text, String step, String state) {
		assertThat(StepText.of(text)).isEqualTo(new StepText(step, state));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "nonsense", "null", "3", "\"text\"", "[]", "{}", "{", "{\"T\"", "{\"T\":",
			"{\"T\":3}", "{\"T\":{}}", "{\"T\":{\"S\"", "{\"T\":{\"S\":", "{\"T\":{\"S\":}}", "{\"T\":{\"S\":1",
			"{\"T\":{\"S\":1}", "{\"T\":{\"S\":1},\"U\":{}}", "{\"T\":{\"S\":1,\"R\":2}}", "{\"T\":{\"S\":1}} more",
			"{\"T\":{\"S\":{\"a\":nonsense}}}", "{\"T\":{\"S\":\"\\ud800\\x\"}}" })
	void aTextThatIsNoStepIsShownAsAWhole(String text) {
		assertThat(StepText.of(text)).isEqualTo(new StepText(null, text));
	}

	@Test
	void aDeeplyNestedTextIsShownAsAWhole() {
		String text = "{\"T\":{\"S\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}}";
		assertThat(StepText.of(text)).isEqualTo(new StepText(null, text));
	}

	@Test
	void aLongTextIsTakenApart() {
		String state = "\"" + "x".repeat(10_000_000) + "\"";
		assertThat(StepText.of("{\"T\":{\"S\":" + state + "}}")).isEqualTo(new StepText("S", state));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{"T":{"S":{"a":"b     | S | {"a":"b…
			{"T":{"S":123         | S | 123…
			{"T":{"S":"           | S | "…
			{"T":{"S              |   | {"T":{"S…
			nonsense              |   | nonsense…
			""")
	void theBeginningOfATextIsTakenApartAsFarAsItGoes(String text, String step, String state) {
		assertThat(StepText.ofBeginning(text)).isEqualTo(new StepText(step, state));
	}

	@Test
	void aPatternIsOneOfThePlainNameWhateverItsCharacters() {
		String name = "a.b*c(d)[e]{2}^$|\\d+?#\"-/é🐘 1";
		Pattern pattern = Pattern.compile(StepPattern.pattern(name));
		assertThat(pattern.matcher(" {\"T\": {\"a.b*c(d)[e]{2}^$|\\\\d+?#\\\"-/é🐘 1\" :3}}").lookingAt()).isTrue();
		assertThat(pattern.matcher("{\"T\":{\"aXb*c(d)[e]{2}^$|\\\\d+?#\\\"-/é🐘 1\":3}}").lookingAt()).isFalse();
	}

}
