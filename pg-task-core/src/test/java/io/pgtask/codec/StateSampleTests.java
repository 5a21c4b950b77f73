package io.pgtask.codec;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pgtask.codec.StateVerificationTests.Fine;
import io.pgtask.codec.StateVerificationTests.Thing;
import io.pgtask.registry.TaskRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.ser.std.ToStringSerializer;

import static io.pgtask.codec.StateVerificationTests.faultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * Tests for {@link StateVerifier}: a sample of a state is written and read back.
 */
class StateSampleTests {

	@Test
	void aSerializerWithoutItsDeserializerIsFoundByASample() {
		assertThat(faultOf(WithLopsided.class)).hasMessageContaining("a sample fails")
			.hasMessageContaining("at lopsided");
	}

	@Test
	void aRequiredComponentThatIsNotWrittenIsFoundByASample() {
		assertThat(faultOf(WithIgnored.class)).hasMessageContaining("a sample fails").hasMessageContaining("secret");
	}

	@Test
	void aStateThatChangesByBeingReadIsFoundByASample() {
		assertThat(faultOf(Growing.class)).hasMessageContaining("a sample changes by it");
	}

	@ParameterizedTest
	@ValueSource(classes = { Fine.class, Tree.class, Strict.class, WithCreator.class, WithCustom.class,
			WithPolymorphicComponent.class, Untyped.class, Mutable.class, Empty.class, WithFactory.class,
			WithOwnDeserializer.class, WithFormat.class, Web.class })
	void aStateThatCanBeReadBackPasses(Class<?> type) {
		assertThatCode(() -> Codecs.of(type).verify()).doesNotThrowAnyException();
	}

	@Test
	void typeInformationOnTheTaskTypeIsWrittenAndRead() {
		StepCodec codec = new StepCodec(JsonMapper.shared(), TaskRegistry.builder().step(new TypedStep()).build());
		codec.verify();
		String text = codec.encode(new Typed.Leaf("a")).text();
		assertThat(text).contains("@type");
		assertThat(codec.decode(text).state()).isEqualTo(new Typed.Leaf("a"));
	}

	static class TypedStep extends NoOpStep<Typed, Typed.Leaf> {

	}

	@JsonSerialize(using = ToStringSerializer.class)
	record Lopsided(int one, int two) {
	}

	record WithLopsided(Lopsided lopsided) {
	}

	record WithIgnored(String name, @JsonIgnore String secret) {
	}

	record Growing(int number) {

		Growing {
			number++;
		}

	}

	record Tree(String name, @Nullable Tree left, List<Tree> children) {
	}

	record Strict(int even) {

		Strict {
			if (even % 2 != 0) {
				throw new IllegalArgumentException(even + " is odd");
			}
		}

	}

	static class Created {

		private final int amount;

		@JsonCreator
		Created(@JsonProperty("amount") int amount) {
			this.amount = amount;
		}

		Created(String amount) {
			this(Integer.parseInt(amount));
		}

		public int getAmount() {
			return this.amount;
		}

	}

	record WithCreator(Created created) {
	}

	record WithCustom(@JsonSerialize(using = ThingSerializer.class) @JsonDeserialize(
			using = ThingDeserializer.class) Thing thing) {
	}

	static class ThingSerializer extends ValueSerializer<Thing> {

		@Override
		public void serialize(Thing value, JsonGenerator generator, SerializationContext context) {
			generator.writeString("thing");
		}

	}

	static class ThingDeserializer extends StdDeserializer<Thing> {

		ThingDeserializer() {
			super(Thing.class);
		}

		@Override
		public Thing deserialize(JsonParser parser, DeserializationContext context) {
			return new Thing() {
			};
		}

	}

	record WithPolymorphicComponent(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Thing thing,
			@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) List<Thing> things) {
	}

	record Untyped(Object any, Map<String, Object> attributes, JsonNode json) {
	}

	record Iban(@JsonValue String text) {

		@JsonCreator
		static Iban parse(String text) {
			if (text.length() < 15) {
				throw new IllegalArgumentException(text + " is no IBAN");
			}
			return new Iban(text);
		}

	}

	record WithFactory(Iban iban) {
	}

	record WithOwnDeserializer(Code code) {
	}

	@JsonSerialize(using = ToStringSerializer.class)
	@JsonDeserialize(using = CodeDeserializer.class)
	record Code(String text) {
	}

	record WithFormat(@JsonDeserialize(using = CodeDeserializer.class) Object code) {
	}

	static class CodeDeserializer extends StdDeserializer<Code> {

		CodeDeserializer() {
			super(Code.class);
		}

		@Override
		public Code deserialize(JsonParser parser, DeserializationContext context) {
			return (Code) context.handleWeirdStringValue(Code.class, parser.getString(), "is no code");
		}

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
	sealed interface Typed {

		record Leaf(String name) implements Typed {
		}

	}

	static class Mutable {

		private @Nullable String name;

		public @Nullable String getName() {
			return this.name;
		}

		public void setName(@Nullable String name) {
			this.name = name;
		}

	}

	record Web(Two a, Two b, Two c, Two d, Two e, Two f) {
	}

	record Two(Three a, Three b, Three c, Three d, Three e, Three f) {
	}

	record Three(Four a, Four b, Four c, Four d, Four e, Four f) {
	}

	record Four(Five a, Five b, Five c, Five d, Five e, Five f) {
	}

	record Five(Six a, Six b, Six c, Six d, Six e, Six f) {
	}

	record Six(Seven a, Seven b, Seven c, Seven d, Seven e, Seven f) {
	}

	record Seven(Eight a, Eight b, Eight c, Eight d, Eight e, Eight f) {
	}

	record Eight(Nine a, Nine b, Nine c, Nine d, Nine e, Nine f) {
	}

	record Nine(@Nullable Web web, String name) {
	}

	record Empty() {
	}

}
