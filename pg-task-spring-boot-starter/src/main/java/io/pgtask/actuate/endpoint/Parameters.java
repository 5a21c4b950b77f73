package io.pgtask.actuate.endpoint;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.pgtask.DeadTaskQuery;
import io.pgtask.HistoryQuery;
import io.pgtask.TaskOutcome;
import io.pgtask.TaskQuery;
import io.pgtask.TaskSelection;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;

/**
 * Reads the parameters of requests. They are all taken as text, because a conversion by
 * the framework fails without telling the caller why.
 */
final class Parameters {

	private Parameters() {
	}

	static TaskQuery query(TaskSelection selection, @Nullable String before, @Nullable String limit) {
		return new TaskQuery(selection, (before != null) ? id("before", before) : null,
				(limit != null) ? limit(limit) : TaskQuery.DEFAULT_LIMIT);
	}

	static HistoryQuery historyQuery(@Nullable String type, @Nullable String outcome, @Nullable String tag,
			@Nullable String error, @Nullable String from, @Nullable String to, @Nullable String before,
			@Nullable String limit) {
		return new HistoryQuery(type, (outcome != null) ? constant("outcome", TaskOutcome.class, outcome) : null, tag,
				error, (from != null) ? instant("from", from) : null, (to != null) ? instant("to", to) : null,
				(before != null) ? id("before", before) : null,
				(limit != null) ? limit(limit) : TaskQuery.DEFAULT_LIMIT);
	}

	static DeadTaskQuery deadQuery(@Nullable String type, @Nullable String step, @Nullable String tag,
			@Nullable String error, @Nullable String before, @Nullable String limit) {
		return new DeadTaskQuery(type, step, tag, error, null, (before != null) ? id("before", before) : null,
				(limit != null) ? limit(limit) : TaskQuery.DEFAULT_LIMIT);
	}

	/**
	 * Refuse parameters that would otherwise be ignored, so that more is meant than who
	 * gave them believes.
	 */
	static void refuse(String reason, @Nullable String... values) {
		if (Stream.of(values).anyMatch(Objects::nonNull)) {
			throw new BadRequestException(reason);
		}
	}

	static UUID id(String name, String text) {
		try {
			return UUID.fromString(text);
		}
		catch (IllegalArgumentException ex) {
			throw new BadRequestException("The %s must be the id of a task but is '%s'".formatted(name, text));
		}
	}

	static Instant instant(String name, @Nullable String text) {
		String example = "such as 2030-12-31T23:59:59Z";
		if (text == null) {
			throw new BadRequestException("The parameter %s is missing: a time %s".formatted(name, example));
		}
		try {
			return OffsetDateTime.parse(text).toInstant();
		}
		catch (DateTimeException ex) {
			throw new BadRequestException(
					"The parameter %s must be a time with its zone, %s, but is '%s'".formatted(name, example, text));
		}
	}

	static <E extends Enum<E>> E constant(String name, Class<E> type, @Nullable String text) {
		String allowed = Arrays.stream(type.getEnumConstants())
			.map((constant) -> constant.name().toLowerCase(Locale.ROOT))
			.collect(Collectors.joining(", "));
		if (text == null) {
			throw new BadRequestException("The parameter %s is missing: one of %s".formatted(name, allowed));
		}
		try {
			return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
		}
		catch (IllegalArgumentException ex) {
			throw new BadRequestException(
					"The parameter %s must be one of %s but is '%s'".formatted(name, allowed, text));
		}
	}

	static @Nullable Duration duration(String name, @Nullable String text) {
		if (text == null) {
			return null;
		}
		try {
			Duration duration = DurationStyle.detectAndParse(text, ChronoUnit.SECONDS);
			if (!duration.isNegative()) {
				return duration;
			}
		}
		catch (IllegalArgumentException | ArithmeticException ex) {
			// Told below.
		}
		throw new BadRequestException(
				"The parameter %s must be a duration such as 30m, 12h or 7d but is '%s'".formatted(name, text));
	}

	static boolean flag(String name, @Nullable String text) {
		if (text == null || text.equals("false")) {
			return false;
		}
		if (text.equals("true")) {
			return true;
		}
		throw new BadRequestException("The parameter %s must be true or false but is '%s'".formatted(name, text));
	}

	static int priority(@Nullable String text) {
		return number("priority", required("priority", text), 0, 9);
	}

	static String required(String name, @Nullable String text) {
		if (text == null) {
			throw new BadRequestException("The parameter %s is missing".formatted(name));
		}
		return text;
	}

	private static int limit(String text) {
		return number("limit", text, 1, TaskQuery.MAX_LIMIT);
	}

	private static int number(String name, String text, int least, int most) {
		try {
			int number = Integer.parseInt(text);
			if (number >= least && number <= most) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// Told below.
		}
		throw new BadRequestException(
				"The parameter %s must be between %d and %d but is '%s'".formatted(name, least, most, text));
	}

	/**
	 * Tells the caller what is wrong with the request.
	 */
	static final class BadRequestException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		BadRequestException(String message) {
			super(message);
		}

	}

}
