package io.pgtask.codec;

import java.io.FileInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pgtask.PgTaskConfigurationException;
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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link StepCodec#verify()}: states that cannot be read back from their own
 * JSON.
 */
class StateVerificationTests {

	@Test
	void aStreamIsRefusedWithTheComponentAndTheStep() {
		PgTaskConfigurationException fault = faultOf(WithStream.class);
		assertThat(fault).hasMessage("The state io.pgtask.codec.StateVerificationTests$WithStream of the step bean"
				+ " 'WithStream' cannot be read back from its own JSON: its component source is of type"
				+ " java.io.InputStream, which is abstract, and the JSON does not say which class to create.");
		assertThat(fault.getAction()).contains("@JsonTypeInfo");
	}

	@Test
	void anInterfaceInsideACollectionIsRefused() {
		assertThat(faultOf(WithInterfaces.class)).hasMessageContaining("its component things")
			.hasMessageContaining("Thing, which is abstract");
		assertThat(faultOf(WithInterfaceValues.class)).hasMessageContaining("its component things");
		assertThat(faultOf(WithOptionalInterface.class)).hasMessageContaining("its component thing");
		assertThat(faultOf(WithInterfaceArray.class)).hasMessageContaining("its component things");
	}

	@Test
	void anInterfaceInsideANestedRecordIsRefusedWithItsPath() {
		assertThat(faultOf(Outer.class)).hasMessageContaining("its component inners.thing is of type");
	}

	@ParameterizedTest
	@ValueSource(classes = { WithFile.class, WithLock.class, WithFuture.class, WithThread.class })
	void anObjectOfThePlatformThatIsNoDataIsRefused(Class<?> type) {
		assertThat(faultOf(type)).hasMessageContaining("its component resource is of type java.")
			.hasMessageContaining("of the platform");
	}

	@Test
	void aClassWithTwoConstructorsIsRefused() {
		PgTaskConfigurationException fault = faultOf(WithTwoConstructors.class);
		assertThat(fault).hasMessageContaining("its component money")
			.hasMessageContaining("TwoConstructors, which has no constructor that Jackson can choose");
		assertThat(fault.getAction()).contains("@JsonCreator");
	}

	@Test
	void aStateWithoutACreatorIsRefused() {
		assertThat(faultOf(TwoConstructors.class)).hasMessageContaining("it is of type")
			.hasMessageContaining("no constructor that Jackson can choose");
	}

	@Test
	void aClassOfWhichNothingIsWrittenIsRefused() {
		assertThat(faultOf(WithSilent.class)).hasMessageContaining("its component silent")
			.hasMessageContaining("of which nothing is written");
	}

	@Test
	void aKeyThatCannotBeReadIsRefused() {
		assertThat(faultOf(WithKeys.class)).hasMessageContaining("Key");
	}

	@Test
	void aSubtypeThatCannotBeReadIsRefused() {
		assertThat(faultOf(WithShape.class)).hasMessageContaining("its component shape.source")
			.hasMessageContaining("java.io.InputStream");
	}

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

	@Test
	void theFaultsOfAllStatesAreReportedTogether() {
		PgTaskConfigurationException fault = catchThrowableOfType(PgTaskConfigurationException.class,
				() -> Codecs.of(WithStream.class, Fine.class, WithSilent.class).verify());
		assertThat(fault).hasMessageContaining("2 faults")
			.hasMessageContaining("1. The state")
			.hasMessageContaining("2. The state");
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

	private static PgTaskConfigurationException faultOf(Class<?> type) {
		PgTaskConfigurationException fault = catchThrowableOfType(PgTaskConfigurationException.class,
				() -> Codecs.of(type).verify());
		assertThat(fault).isNotNull();
		assertThat(fault).hasMessageContaining(type.getTypeName()).hasMessageContaining("from its own JSON");
		assertThat(fault.getAction()).isNotBlank();
		return fault;
	}

	static class TypedStep extends NoOpStep<Typed, Typed.Leaf> {

	}

	interface Thing {

	}

	record WithStream(String name, InputStream source) {
	}

	record WithInterfaces(List<Thing> things) {
	}

	record WithInterfaceValues(Map<String, List<Thing>> things) {
	}

	record WithOptionalInterface(Optional<Thing> thing) {
	}

	record WithInterfaceArray(Thing[] things) {
	}

	record Inner(Thing thing) {
	}

	record Outer(List<Inner> inners) {
	}

	record WithFile(FileInputStream resource) {
	}

	record WithLock(ReentrantLock resource) {
	}

	record WithFuture(CompletableFuture<String> resource) {
	}

	record WithThread(Thread resource) {
	}

	static class TwoConstructors {

		private final int amount;

		TwoConstructors(int amount) {
			this.amount = amount;
		}

		TwoConstructors(String amount) {
			this(Integer.parseInt(amount));
		}

		public int getAmount() {
			return this.amount;
		}

	}

	record WithTwoConstructors(TwoConstructors money) {
	}

	static class Silent {

		private int secret = 1;

		int secret() {
			return this.secret++;
		}

	}

	record WithSilent(Silent silent) {
	}

	record Key(String one, String two) {
	}

	record WithKeys(Map<Key, String> map) {
	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
	sealed interface Shape {

		record Circle(int radius) implements Shape {
		}

		record Scan(InputStream source) implements Shape {
		}

	}

	record WithShape(Shape shape) {
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

	record Fine(String name, List<Map<String, Optional<Integer>>> items, byte[] content) {
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
