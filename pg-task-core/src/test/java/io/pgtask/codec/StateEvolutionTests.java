package io.pgtask.codec;

import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.pgtask.PersistentName;
import io.pgtask.registry.TaskRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StepCodec}: states that were written by another version of their
 * class.
 */
class StateEvolutionTests {

	@Test
	void aComponentThatIsNoMoreIsIgnored() {
		assertThat(Codecs.read(Small.class, """
				{"removed":{"deep":[1,2]},"name":"a"}""")).isEqualTo(new Small("a"));
		assertThat(Codecs.read(Nothing.class, """
				{"removed":1}""")).isEqualTo(new Nothing());
	}

	@Test
	void aNewComponentIsNullOrEmptyInAnOldRow() {
		assertThat(Codecs.read(Grown.class, """
				{"name":"a"}""")).isEqualTo(new Grown("a", null, Optional.empty()));
	}

	@Test
	void aStateThatHadNoComponentsMayGetOptionalOnes() {
		assertThat(Codecs.read(Optionals.class, "null")).isEqualTo(new Optionals(null, Optional.empty()));
	}

	@Test
	void aRenamedComponentIsReadByItsAlias() {
		assertThat(Codecs.read(Renamed.class, """
				{"filename":"a"}""")).isEqualTo(new Renamed("a"));
		assertThat(Codecs.json(new Renamed("a"))).isEqualTo("""
				{"path":"a"}""");
	}

	@Test
	void anUnknownEnumConstantIsTheDefaultIfThereIsOne() {
		assertThat(Codecs.read(WithDefault.class, """
				{"kind":"REMOVED"}""")).isEqualTo(new WithDefault(Kind.OTHER));
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> Codecs.read(WithoutDefault.class, """
				{"mood":"REMOVED"}""")).withMessageContaining("at mood").withMessageContaining("REMOVED");
	}

	@Test
	void aRenamedEnumConstantIsReadByItsOldName() {
		assertThat(Codecs.read(WithRenamed.class, """
				{"colour":"CRIMSON"}""")).isEqualTo(new WithRenamed(Renaming.RED));
		assertThat(Codecs.json(new WithRenamed(Renaming.RED))).isEqualTo("""
				{"colour":"RED"}""");
		assertThat(Codecs.read(WithRenamed.class, """
				{"colour":"AZURE"}""")).isEqualTo(new WithRenamed(Renaming.BLUE));
	}

	@Test
	void aSingleStepTaskMayBecomeOneOfSeveralSteps() {
		StepCodec codec = new StepCodec(JsonMapper.shared(),
				TaskRegistry.builder().step(new ComposeStep()).step(new TransmitStep()).build());
		assertThat(codec.decode("""
				{"SendMail":{"SendMail":{"to":"a@b.c"}}}""").state()).isEqualTo(new SendMail.Transmit("a@b.c"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "null", "{\"nam\":\"a\"}" })
	void aMissingComponentIsRefused(String json) {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> Codecs.read(Small.class, json))
			.withMessageContaining("the state does not fit")
			.withMessageContaining("Small at name")
			.withMessageContaining("Missing required creator property 'name'");
	}

	@Test
	void aMissingPrimitiveIsRefused() {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> Codecs.read(Primitive.class, "{}"))
			.withMessageContaining("at number");
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> Codecs.read(Primitive.class, "{\"number\":null}"))
			.withMessageContaining("at number");
	}

	@Test
	void aMissingComponentOfANestedRecordIsRefusedWithItsPath() {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> Codecs.read(Nested.class, """
				{"items":[{"name":"a"},{}]}""")).withMessageContaining("at items[1].name");
	}

	record Small(String name) {
	}

	record Nothing() {
	}

	record Grown(String name, @Nullable String note, Optional<Integer> number) {
	}

	record Optionals(@Nullable String note, Optional<Integer> number) {
	}

	record Renamed(@JsonAlias("filename") String path) {
	}

	enum Kind {

		ONE,

		@JsonEnumDefaultValue
		OTHER

	}

	enum Renaming {

		@JsonAlias("CRIMSON")
		RED,

		@JsonProperty("AZURE")
		BLUE

	}

	record WithRenamed(Renaming colour) {
	}

	sealed interface SendMail {

		record Compose(String template) implements SendMail {
		}

		@PersistentName("SendMail")
		record Transmit(String to) implements SendMail {
		}

	}

	static class ComposeStep extends NoOpStep<SendMail, SendMail.Compose> {

	}

	static class TransmitStep extends NoOpStep<SendMail, SendMail.Transmit> {

	}

	record WithDefault(Kind kind) {
	}

	enum Mood {

		GOOD

	}

	record WithoutDefault(Mood mood) {
	}

	record Primitive(int number) {
	}

	record Nested(List<Small> items) {
	}

}
