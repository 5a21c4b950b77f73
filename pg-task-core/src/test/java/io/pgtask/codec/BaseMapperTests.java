package io.pgtask.codec;

import java.text.SimpleDateFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StepCodec}: what the application's mapper has a say in, and what not.
 */
class BaseMapperTests {

	private static final Everything STATE = new Everything(null, List.of(), "é", Colour.RED, Instant.EPOCH,
			Duration.ofSeconds(90), OffsetDateTime.parse("2026-01-01T12:00:00+05:30"), new Date(0), 1);

	@Test
	void settingsOfTheWebApiDoNotChangeWhatIsPersisted() {
		JsonMapper web = JsonMapper.builder()
			.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
			.changeDefaultPropertyInclusion((inclusion) -> inclusion.withValueInclusion(JsonInclude.Include.NON_EMPTY))
			.enable(SerializationFeature.INDENT_OUTPUT, SerializationFeature.WRAP_ROOT_VALUE)
			.enable(DeserializationFeature.UNWRAP_ROOT_VALUE, DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
					DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
			.enable(EnumFeature.WRITE_ENUMS_USING_INDEX)
			.enable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
			.enable(JsonWriteFeature.ESCAPE_NON_ASCII, JsonWriteFeature.WRITE_NUMBERS_AS_STRINGS)
			.defaultDateFormat(new SimpleDateFormat("yyyy", Locale.ROOT))
			.defaultTimeZone(TimeZone.getTimeZone("Asia/Tokyo"))
			.activateDefaultTyping(BasicPolymorphicTypeValidator.builder().allowIfBaseType(Object.class).build(),
					DefaultTyping.NON_FINAL)
			.build();
		StepCodec codec = Codecs.of(web, Everything.class);
		String text = codec.encode(STATE).text();
		assertThat(codec.decode(text).state()).isEqualTo(STATE);
		assertThat(codec.decode(text.replace("\"number\":1", "\"number\":1,\"unknown\":2")).state()).isEqualTo(STATE);
		assertThat(Codecs.of(JsonMapper.shared(), Everything.class).decode(text).state()).isEqualTo(STATE);
		assertThat(text).contains("\"noteOfSomeone\":null", "\"items\":[]", "\"é\"", "\"RED\"", "\"PT1M30S\"",
				"\"1970-01-01T00:00:00Z\"", "\"number\":1");
	}

	@Test
	void theApplicationsMapperIsLeftAsItIs() {
		JsonMapper base = JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
		Codecs.of(base, Plain.class).encode(new Plain(1));
		assertThat(base.writeValueAsString(new Plain(1))).isEqualTo("{\"some_number\":1}");
		assertThat(base.readValue("{}", Nullish.class)).isEqualTo(new Nullish(null));
	}

	@Test
	void serializersOfTheApplicationAreUsed() {
		SimpleModule module = new SimpleModule("money").addSerializer(Money.class, new MoneySerializer())
			.addDeserializer(Money.class, new MoneyDeserializer());
		StepCodec codec = Codecs.of(JsonMapper.builder().addModule(module).build(), Payment.class);
		codec.verify();
		assertThat(Codecs.json(codec, new Payment(new Money(5, "EUR")))).isEqualTo("{\"money\":\"5 EUR\"}");
		assertThat(codec.decode(codec.encode(new Payment(new Money(5, "EUR"))).text()).state())
			.isEqualTo(new Payment(new Money(5, "EUR")));
	}

	@Test
	void mixInsOfTheApplicationAreUsed() {
		JsonMapper base = JsonMapper.builder().addMixIn(Plain.class, PlainMixIn.class).build();
		assertThat(Codecs.json(Codecs.of(base, Plain.class), new Plain(1))).isEqualTo("{\"n\":1}");
	}

	@Test
	void aCodecIsMadeOfAMapperThatIsInUse() {
		JsonMapper base = new JsonMapper();
		base.writeValueAsString(new Plain(1));
		base.readValue("{\"someNumber\":1}", Plain.class);
		assertThat(Codecs.of(base, Plain.class).encode(new Plain(2)).text())
			.isEqualTo("{\"Plain\":{\"Plain\":{\"someNumber\":2}}}");
	}

	enum Colour {

		RED

	}

	record Everything(@Nullable String noteOfSomeone, List<String> items, String text, Colour colour, Instant instant,
			Duration duration, OffsetDateTime time, Date date, int number) {
	}

	record Plain(int someNumber) {
	}

	record Nullish(@Nullable String name) {
	}

	interface PlainMixIn {

		@JsonProperty("n")
		int someNumber();

	}

	record Money(int amount, String currency) {
	}

	record Payment(Money money) {
	}

	static class MoneySerializer extends ValueSerializer<Money> {

		@Override
		public void serialize(Money money, JsonGenerator generator, SerializationContext context) {
			generator.writeString(money.amount() + " " + money.currency());
		}

	}

	static class MoneyDeserializer extends ValueDeserializer<Money> {

		@Override
		public Money deserialize(JsonParser parser, DeserializationContext context) {
			String[] parts = parser.getString().split(" ", 2);
			return new Money(Integer.parseInt(parts[0]), parts[1]);
		}

	}

}
