package io.pgtask.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Currency;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.junit.jupiter.api.Test;

import org.springframework.core.ParameterizedTypeReference;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StepCodec}: what a state may consist of.
 */
class StateValuesTests {

	@Test
	void timesAreWrittenInIso8601() {
		assertThat(Codecs.json(Times.SOME)).isEqualTo("""
				{"instant":"2026-02-28T22:59:59.123456789Z",\
				"localDateTime":"2026-02-28T23:59:59.5",\
				"localDate":"2026-02-28",\
				"localTime":"23:59:59",\
				"offsetDateTime":"2026-02-28T23:59:59+05:30",\
				"offsetTime":"23:59:59+05:30",\
				"zonedDateTime":"2026-02-28T23:59:59+01:00[Europe/Berlin]",\
				"duration":"PT36H0.000000001S",\
				"period":"P1Y2M3D",\
				"yearMonth":"2026-02",\
				"monthDay":"--02-28",\
				"zoneId":"Europe/Berlin",\
				"zoneOffset":"+05:30"}""");
	}

	@Test
	void timesAreReadAsTheyWereWritten() {
		assertThat(Codecs.roundTrip(Times.SOME)).isEqualTo(Times.SOME);
		Codecs.of(Times.class).verify();
	}

	@Test
	void theExtremesOfTimeAreReadAsTheyWereWritten() {
		assertThat(Codecs.roundTrip(new Span(Instant.MIN, Instant.MAX, Duration.ofSeconds(Long.MIN_VALUE))))
			.isEqualTo(new Span(Instant.MIN, Instant.MAX, Duration.ofSeconds(Long.MIN_VALUE)));
	}

	@Test
	void calendarUnitsAreReadAsTheyWereWritten() {
		Calendar calendar = new Calendar(Year.of(2026), Month.FEBRUARY, DayOfWeek.SATURDAY);
		assertThat(Codecs.roundTrip(calendar)).isEqualTo(calendar);
	}

	@Test
	void bytesAreWrittenInBase64() {
		assertThat(Codecs.json(new Binary(new byte[] { 0, -1, 2 }))).isEqualTo("""
				{"content":"AP8C"}""");
		assertThat(Codecs.roundTrip(new Binary(new byte[] { 0, -1, 2 })).content()).containsExactly(0, -1, 2);
	}

	@Test
	void numbersKeepTheirPrecision() {
		Numbers numbers = new Numbers(Long.MAX_VALUE, (1L << 53) + 1, new BigDecimal("0.10"),
				new BigDecimal("123456789012345678901234567890.123456789"), new BigInteger("18446744073709551616"), 0.1,
				Double.MIN_VALUE, Float.MAX_VALUE, new BigDecimal("1E+5"));
		assertThat(Codecs.roundTrip(numbers)).isEqualTo(numbers);
		assertThat(Codecs.json(numbers)).contains("9223372036854775807", "9007199254740993", "\"price\":0.10");
	}

	@Test
	void numbersThatAreNoneAreReadAsTheyWereWritten() {
		Floats floats = new Floats(Double.NaN, Double.NEGATIVE_INFINITY, -0.0);
		assertThat(Codecs.roundTrip(floats)).isEqualTo(floats);
	}

	@Test
	void enumsAreWrittenByTheirConstantsNames() {
		assertThat(Codecs.json(new Painted(Colour.RED, Map.of(Colour.BLUE, 1)))).isEqualTo("""
				{"colour":"RED","counts":{"BLUE":1}}""");
		Painted painted = new Painted(Colour.BLUE, new EnumMap<>(Map.of(Colour.RED, 2)));
		assertThat(Codecs.roundTrip(painted)).isEqualTo(painted);
	}

	@Test
	void anEnumConstantMayHaveAPersistedName() {
		assertThat(Codecs.json(new Sized(Size.SMALL))).isEqualTo("""
				{"size":"S"}""");
		assertThat(Codecs.roundTrip(new Sized(Size.SMALL))).isEqualTo(new Sized(Size.SMALL));
	}

	@Test
	void nestedRecordsAndCollectionsAreReadAsTheyWereWritten() {
		Order order = new Order(new UUID(1, 2), List.of(new Line("a", 1), new Line("b", 2)),
				Map.of("x", Set.of(1L, 2L)), new TreeMap<>(Map.of(LocalDate.EPOCH, "first")), new Line("c", 3));
		assertThat(Codecs.roundTrip(order)).isEqualTo(order);
		Codecs.of(Order.class).verify();
	}

	@Test
	void optionalsAreReadAsTheyWereWritten() {
		Options full = new Options(Optional.of("a"), OptionalInt.of(1), Optional.of(List.of(new Line("b", 2))));
		Options empty = new Options(Optional.empty(), OptionalInt.empty(), Optional.empty());
		assertThat(Codecs.roundTrip(full)).isEqualTo(full);
		assertThat(Codecs.roundTrip(empty)).isEqualTo(empty);
		assertThat(Codecs.json(empty)).isEqualTo("""
				{"text":null,"number":null,"lines":null}""");
	}

	@Test
	void commonTypesOfThePlatformAreReadAsTheyWereWritten() {
		Common common = new Common(URI.create("https://example.org/?q=%20"), Currency.getInstance("EUR"),
				Locale.GERMANY, 'x', true, "Grüße 🎉 \"quoted\" \\ \n\t\u0001");
		assertThat(Codecs.roundTrip(common)).isEqualTo(common);
		Codecs.of(Common.class).verify();
	}

	@Test
	void theElementsOfAGenericStateHaveTheirType() {
		StepCodec codec = Codecs.of(new ParameterizedTypeReference<Batch<Line>>() {
		});
		codec.verify();
		Batch<Line> batch = new Batch<>(List.of(new Line("a", 1)));
		String text = codec.encode(batch).text();
		assertThat(text).isEqualTo("""
				{"Batch":{"Batch":{"items":[{"name":"a","count":1}]}}}""");
		assertThat(codec.decode(text).state()).isEqualTo(batch);
	}

	@Test
	void aSealedTypeInsideAStateNeedsOnlyTypeInformation() {
		StepCodec codec = Codecs.of(Drawing.class);
		codec.verify();
		Drawing drawing = new Drawing(new Shape.Circle(1), List.of(new Shape.Square(2)));
		assertThat(Codecs.json(codec, drawing)).isEqualTo("""
				{"main":{"kind":"Circle","radius":1},"others":[{"kind":"Square","side":2}]}""");
		assertThat(Codecs.roundTrip(drawing)).isEqualTo(drawing);
	}

	@Test
	void tenMegabytesAreReadAsTheyWereWritten() {
		Text text = new Text("é".repeat(10_000_000));
		assertThat(Codecs.roundTrip(text).equals(text)).isTrue();
	}

	record Times(Instant instant, LocalDateTime localDateTime, LocalDate localDate, LocalTime localTime,
			OffsetDateTime offsetDateTime, OffsetTime offsetTime, ZonedDateTime zonedDateTime, Duration duration,
			Period period, YearMonth yearMonth, MonthDay monthDay, ZoneId zoneId, ZoneOffset zoneOffset) {

		static final LocalDateTime LOCAL = LocalDateTime.of(2026, 2, 28, 23, 59, 59);

		static final ZoneOffset OFFSET = ZoneOffset.ofHoursMinutes(5, 30);

		static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

		static final Times SOME = new Times(LOCAL.atZone(ZONE).toInstant().plusNanos(123_456_789),
				LOCAL.plusNanos(500_000_000), LOCAL.toLocalDate(), LOCAL.toLocalTime(), LOCAL.atOffset(OFFSET),
				LOCAL.toLocalTime().atOffset(OFFSET), LOCAL.atZone(ZONE), Duration.ofHours(36).plusNanos(1),
				Period.of(1, 2, 3), YearMonth.of(2026, 2), MonthDay.of(2, 28), ZONE, OFFSET);

	}

	record Span(Instant from, Instant to, Duration duration) {
	}

	record Calendar(Year year, Month month, DayOfWeek day) {
	}

	record Binary(byte[] content) {
	}

	record Numbers(long max, long odd, BigDecimal price, BigDecimal precise, BigInteger big, double tenth, double tiny,
			float huge, BigDecimal scaled) {
	}

	record Floats(double none, double infinite, double negativeZero) {
	}

	enum Colour {

		RED, BLUE;

		@Override
		public String toString() {
			return "the colour " + name();
		}

	}

	record Painted(Colour colour, Map<Colour, Integer> counts) {
	}

	enum Size {

		@JsonProperty("S")
		SMALL

	}

	record Sized(Size size) {
	}

	record Line(String name, int count) {
	}

	record Order(UUID id, List<Line> lines, Map<String, Set<Long>> numbers, Map<LocalDate, String> days, Line main) {
	}

	record Options(Optional<String> text, OptionalInt number, Optional<List<Line>> lines) {
	}

	record Common(URI uri, Currency currency, Locale locale, char character, boolean flag, String text) {
	}

	record Batch<E>(List<E> items) {
	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "kind")
	sealed interface Shape {

		record Circle(int radius) implements Shape {
		}

		record Square(int side) implements Shape {
		}

	}

	record Drawing(Shape main, List<Shape> others) {
	}

	record Text(String text) {
	}

}
