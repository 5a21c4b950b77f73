package io.pgtask.codec;

import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.pgtask.InvalidStateException;
import io.pgtask.codec.StateEvolutionTests.Grown;
import io.pgtask.codec.StateEvolutionTests.Nested;
import io.pgtask.codec.StateEvolutionTests.Small;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.core.ParameterizedTypeReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StepCodec}: what may be null in a state, and what may be missing.
 */
class StateNullnessTests {

	@Test
	void nullIsRefusedInNullMarkedCode() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> Codecs.read(Small.class, "{\"name\":null}"))
			.withMessageContaining("at name");
	}

	@Test
	@SuppressWarnings("NullAway")
	void aNullThatCouldNotBeReadIsNotWritten() {
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> Codecs.of(Small.class).encode(new Small(null)))
			.withMessageContaining("Small cannot be written as JSON at its property name")
			.withMessageContaining("neither @Nullable nor an Optional");
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> Codecs.of(Nested.class).encode(new Nested(List.of(new Small(null)))))
			.withMessageContaining("at its property items[0].name");
	}

	@Test
	void nullIsKeptWhereItIsAllowed() {
		Grown grown = new Grown("a", null, Optional.empty());
		assertThat(Codecs.json(grown)).isEqualTo("""
				{"name":"a","note":null,"number":null}""");
		assertThat(Codecs.roundTrip(grown)).isEqualTo(grown);
	}

	@Test
	void whereNothingIsSaidNullIsKeptButAMissingComponentIsRefused() {
		Unmarked.Plain plain = new Unmarked.Plain("a", null);
		assertThat(Codecs.roundTrip(plain)).isEqualTo(plain);
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> Codecs.read(Unmarked.Plain.class, """
				{"name":"a"}""")).withMessageContaining("at note");
	}

	@Test
	void aNullableOfAnyOriginIsNullable() {
		assertThat(Codecs.read(Unmarked.Foreign.class, "{}")).isEqualTo(new Unmarked.Foreign(null));
	}

	@Test
	void nonNullRefusesNullWithoutNullMarked() {
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> Codecs.read(Unmarked.Strict.class, "{\"name\":null}"))
			.withMessageContaining("at name");
	}

	@Test
	void aComponentOfVariableTypeMayBeNullButNotMissing() {
		StepCodec codec = Codecs.of(new ParameterizedTypeReference<Generic<String>>() {
		});
		assertThat(Codecs.read(codec, Generic.class, "{\"value\":null}").value()).isNull();
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> Codecs.read(codec, Generic.class, "{}"))
			.withMessageContaining("at value");
	}

	@Test
	void annotationsOfJacksonWin() {
		assertThat(Codecs.read(Annotated.class, "{}")).isEqualTo(new Annotated("none", List.of()));
		assertThat(Codecs.read(Annotated.class, "{\"items\":null}")).isEqualTo(new Annotated("none", List.of()));
	}

	@Test
	void whatAnInclusionLeavesOutMayBeMissing() {
		Sparse sparse = new Sparse(List.of(), 0);
		assertThat(Codecs.json(sparse)).isEqualTo("{}");
		assertThat(Codecs.roundTrip(sparse)).isEqualTo(sparse);
	}

	@Test
	@SuppressWarnings("NullAway")
	void leavingOutNullsChangesNothingWhereNullIsRefused() {
		assertThat(Codecs.json(new NoNulls("a", null))).isEqualTo("""
				{"name":"a"}""");
		assertThat(Codecs.roundTrip(new NoNulls("a", null))).isEqualTo(new NoNulls("a", null));
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> Codecs.read(NoNulls.class, "{}"))
			.withMessageContaining("at name");
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> Codecs.of(NoNulls.class).encode(new NoNulls(null, null)))
			.withMessageContaining("at its property name");
		assertThat(Codecs.roundTrip(new Unmarked.NoNulls("a", null))).isEqualTo(new Unmarked.NoNulls("a", null));
	}

	@Test
	void aPropertyWithANameOfItsOwnIsRequiredToo() {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> Codecs.read(Named.class, "{}"))
			.withMessageContaining("at file-name");
	}

	record Generic<E extends @Nullable Object>(E value) {
	}

	record Annotated(@JsonProperty(isRequired = OptBoolean.FALSE) @Nullable String name, @JsonProperty(
			isRequired = OptBoolean.FALSE) @JsonSetter(nulls = Nulls.AS_EMPTY) @Nullable List<String> items) {

		Annotated {
			name = (name != null) ? name : "none";
			items = (items != null) ? items : List.of();
		}

	}

	@JsonInclude(JsonInclude.Include.NON_DEFAULT)
	record Sparse(List<String> items, int number) {

		@SuppressWarnings({ "NullAway", "ConstantValue" })
		Sparse {
			items = (items != null) ? items : List.of();
		}

	}

	@JsonInclude(JsonInclude.Include.NON_NULL)
	record NoNulls(String name, @Nullable String note) {
	}

	record Named(@JsonProperty("file-name") String filename) {
	}

	@NullUnmarked
	static class Unmarked {

		record Plain(String name, String note) {
		}

		@JsonInclude(JsonInclude.Include.NON_NULL)
		record NoNulls(String name, String note) {
		}

		record Foreign(@io.pgtask.codec.foreign.Nullable String note) {
		}

		record Strict(@org.jspecify.annotations.NonNull String name) {
		}

	}

}
