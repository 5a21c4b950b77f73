package io.pgtask.codec;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.pgtask.InvalidStateException;
import io.pgtask.NextStep;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StepCodec}: states that are refused before the database is touched.
 */
class StepEncodingTests {

	private static final StepCodec CODEC = Codecs.of(Text.class, Lines.class, Words.class, Node.class, Big.class);

	@ParameterizedTest
	@ValueSource(strings = { "\u0000", "a\u0000", "\u0000b", "a\\\u0000", "\\\\\u0000", "\"\u0000\"" })
	void theCharacterThatPostgresqlCannotHoldIsRefused(String text) {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> CODEC.encode(new Text(text)))
			.withMessage("The state io.pgtask.codec.StepEncodingTests$Text cannot be saved: its property text contains"
					+ " the character \\u0000, which PostgreSQL cannot hold; remove it, or use a byte[].");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\\u0000", "\\\\u0000", "u0000", "\\\\\\u0000", "\\", "\\\\", "\u0001", "\n\\u0000" })
	void aTextThatOnlyLooksLikeThatCharacterIsKept(String text) {
		assertThat(Codecs.roundTrip(new Text(text))).isEqualTo(new Text(text));
	}

	@ParameterizedTest
	@ValueSource(strings = { "\ud83c", "\udf89", "a\ud83cb", "\udf89\ud83c", "\ud83c\ud83c\udf89", "\ud83c\udf89\udf89",
			"\ud83c\"" })
	void halfOfASurrogatePairIsRefused(String text) {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> CODEC.encode(new Text(text)))
			.withMessageContaining("its property text contains half of a surrogate pair");
	}

	@ParameterizedTest
	@ValueSource(strings = { "🎉", "🎉🎉", "a🎉b", "\ud7ff\ue000", "\uffff" })
	void wholeCharactersAreKept(String text) {
		assertThat(Codecs.roundTrip(new Text(text))).isEqualTo(new Text(text));
	}

	@Test
	void thePathOfTheRefusedPropertyIsNamed() {
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> CODEC.encode(new Lines(List.of(new Text("a"), new Text("\u0000")))))
			.withMessageContaining("its property lines[1].text contains");
	}

	@Test
	void keysOfMapsAreCheckedToo() {
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> CODEC.encode(new Words(Map.of("a\u0000b", 1))))
			.withMessageContaining("its property words.a?b contains");
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> CODEC.encode(new Words(Map.of("a\ud83c", 1))))
			.withMessageContaining("its property words.a? contains");
	}

	@Test
	void rawJsonIsCheckedToo() {
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> Codecs.of(Raw.class).encode(new Raw("\"\u0000\"")))
			.withMessageContaining("Raw cannot be saved");
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> Codecs.of(Raw.class).encode(new Raw("\"\\u0000\"")))
			.withMessageContaining("its property json contains the character \\u0000");
	}

	@Test
	void theDeepestStateThatIsWrittenIsRead() {
		// 500 levels less the two of the envelope.
		Node deepest = nodes(498);
		assertThat(CODEC.decode(CODEC.encode(deepest).text()).state()).isEqualTo(deepest);
	}

	@Test
	void aStateTooDeepToBeReadIsNotWritten() {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> CODEC.encode(nodes(499)))
			.withMessageContaining("could not be read back")
			.withMessageContaining("nesting depth");
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> CODEC.encode(nodes(5000)))
			.withMessageContaining("Node cannot be written as JSON")
			.withMessageContaining("nesting depth");
	}

	@Test
	void aDepthThatTheApplicationAllowsIsWrittenAndRead() {
		StepCodec codec = Codecs.of(withDepth(600), Node.class);
		assertThat(codec.decode(codec.encode(nodes(550)).text()).state()).isEqualTo(nodes(550));
	}

	@Test
	void aStateTooDeepForTheStackIsRefusedInsteadOfEndingTheThread() {
		int depth = 200_000;
		StepCodec codec = Codecs.of(withDepth(depth + 10), Node.class);
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> codec.encode(nodes(depth)))
			.withMessageContaining("too deeply for the stack");
		String text = "{\"Node\":{\"Node\":" + "{\"next\":".repeat(depth) + "null" + "}".repeat(depth) + "}}";
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> codec.decode(text))
			.withMessageContaining("too deeply for the stack");
	}

	@Test
	void aNumberTooLongToBeReadIsNotWritten() {
		assertThat(Codecs.roundTrip(new Big(BigInteger.TEN.pow(999)))).isEqualTo(new Big(BigInteger.TEN.pow(999)));
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> CODEC.encode(new Big(BigInteger.TEN.pow(1000))))
			.withMessageContaining("could not be read back")
			.withMessageContaining("1001");
	}

	@Test
	void aTextTooLongToBeReadIsNotWritten() {
		JsonMapper base = JsonMapper
			.builder(JsonFactory.builder()
				.streamReadConstraints(StreamReadConstraints.builder().maxStringLength(10_000).build())
				.build())
			.build();
		StepCodec codec = Codecs.of(base, Text.class);
		assertThat(codec.encode(new Text("x".repeat(10_000))).text()).hasSizeGreaterThan(10_000);
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> codec.encode(new Text("x".repeat(10_001))))
			.withMessageContaining("could not be read back")
			.withMessageContaining("10001");
	}

	@Test
	void aDocumentTooLongToBeReadIsNotWritten() {
		JsonMapper base = JsonMapper
			.builder(JsonFactory.builder()
				.streamReadConstraints(StreamReadConstraints.builder().maxDocumentLength(20_000).build())
				.build())
			.build();
		StepCodec codec = Codecs.of(base, Lines.class);
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> codec.encode(new Lines(List.of(new Text("x".repeat(30_000))))))
			.withMessageContaining("could not be read back");
	}

	@Test
	void aKeyTooLongToBeReadIsNotWritten() {
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> CODEC.encode(new Words(Map.of("x".repeat(50_001), 1))))
			.withMessageContaining("could not be read back");
	}

	@Test
	void aStateThatContainsItselfIsRefused() {
		List<Object> items = new ArrayList<>();
		items.add(items);
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> Codecs.of(Anything.class).encode(new Anything(items)))
			.withMessageContaining("Anything cannot be written as JSON");
	}

	@Test
	void aFailingAccessorIsRefusedWithItsCause() {
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> Codecs.of(Failing.class).encode(new Failing("a")))
			.withMessageContaining("at its property name")
			.withMessageContaining("not today")
			.withRootCauseInstanceOf(IllegalStateException.class);
	}

	@Test
	void anObjectThatIsNoStateIsRefused() {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> CODEC.encode("text"))
			.withMessageContaining("java.lang.String cannot be the state of a task");
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> CODEC.encode(NextStep.done()))
			.withMessageContaining("pass the state inside it");
	}

	private static JsonMapper withDepth(int depth) {
		return JsonMapper
			.builder(JsonFactory.builder()
				.streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(depth).build())
				.streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(depth).build())
				.build())
			.build();
	}

	private static Node nodes(int depth) {
		Node node = new Node(null);
		for (int i = 1; i < depth; i++) {
			node = new Node(node);
		}
		return node;
	}

	record Text(String text) {
	}

	record Lines(List<Text> lines) {
	}

	record Words(Map<String, Integer> words) {
	}

	record Node(@Nullable Node next) {
	}

	record Big(BigInteger number) {
	}

	record Raw(@JsonRawValue String json) {
	}

	record Anything(Object content) {
	}

	record Failing(String name) {

		@Override
		public String name() {
			throw new IllegalStateException("not today");
		}

	}

}
