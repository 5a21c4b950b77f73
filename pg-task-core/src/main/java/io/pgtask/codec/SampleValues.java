package io.pgtask.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
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
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * A value for each of the common types of the platform.
 */
final class SampleValues {

	private static final LocalDateTime TIME = LocalDateTime.of(2020, 2, 29, 12, 30, 15, 123_456_000);

	private static final Map<Class<?>, Object> VALUES = new HashMap<>();

	static {
		List.of(true, 'x', (byte) 1, (short) 1, 1, 1L, 1.5f, 1.5, "x", BigInteger.ONE, new BigDecimal("1.50"),
				new UUID(1, 2), URI.create("urn:x"), Currency.getInstance("EUR"), Locale.GERMANY, new Date(1), TIME,
				TIME.toLocalDate(), TIME.toLocalTime(), TIME.toInstant(ZoneOffset.UTC), TIME.atOffset(ZoneOffset.UTC),
				TIME.toLocalTime().atOffset(ZoneOffset.UTC), Duration.ofSeconds(90), Period.ofDays(1), Year.of(2020),
				YearMonth.of(2020, 2), MonthDay.of(2, 29), ZoneOffset.UTC, OptionalInt.of(1), OptionalLong.of(1),
				OptionalDouble.of(1.5))
			.forEach((value) -> VALUES.put(value.getClass(), value));
		VALUES.put(ZoneId.class, ZoneId.of("Europe/Berlin"));
		VALUES.put(ZonedDateTime.class, TIME.atZone(ZoneId.of("Europe/Berlin")));
		VALUES.put(Object.class, "x");
		VALUES.put(CharSequence.class, "x");
		VALUES.put(Number.class, 1);
	}

	private SampleValues() {
	}

	static @Nullable Object of(Class<?> type) {
		return VALUES.get(ClassUtils.resolvePrimitiveIfNecessary(type));
	}

}
