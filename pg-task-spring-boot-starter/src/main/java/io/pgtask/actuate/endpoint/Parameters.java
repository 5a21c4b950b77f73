package io.pgtask.actuate.endpoint;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;

import io.pgtask.DeadTaskQuery;
import io.pgtask.HistoryQuery;
import io.pgtask.TaskOutcome;
import io.pgtask.TaskQuery;
import io.pgtask.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parameters of requests. They are all taken as text, because a conversion by
 * the framework fails without telling the caller why.
 */
final class Parameters {

	private Parameters() {
	}

	static TaskQuery query(@Nullable String type, @Nullable String step, @Nullable String state, @Nullable String tag,
			@Nullable String before, @Nullable String limit) {
		return new TaskQuery(type, step, (state != null) ? constant("state", TaskState.class, state) : null, tag,
				(before != null) ? id("before", before) : null,
				(limit != null) ? limit(limit) : TaskQuery.DEFAULT_LIMIT);
	}

	static HistoryQuery historyQuery(@Nullable String type, @Nullable String outcome, @Nullable String tag,
			@Nullable String from, @Nullable String to, @Nullable String before, @Nullable String limit) {
		return new HistoryQuery(type, (outcome != null) ? constant("outcome", TaskOutcome.class, outcome) : null, tag,
				(from != null) ? instant("from", from) : null, (to != null) ? instant("to", to) : null,
				(before != null) ? id("before", before) : null,
				(limit != null) ? limit(limit) : TaskQuery.DEFAULT_LIMIT);
	}

	static DeadTaskQuery deadQuery(@Nullable String type, @Nullable String step, @Nullable String tag,
			@Nullable String error, @Nullable String before, @Nullable String limit) {
		return new DeadTaskQuery(type, step, tag, error, null, (before != null) ? id("before", before) : null,
				(limit != null) ? limit(limit) : TaskQuery.DEFAULT_LIMIT);
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

	private static int limit(String text) {
		try {
			int limit = Integer.parseInt(text);
			if (limit >= 1 && limit <= TaskQuery.MAX_LIMIT) {
				return limit;
			}
		}
		catch (NumberFormatException ex) {
			// Told below.
		}
		throw new BadRequestException(
				"The parameter limit must be between 1 and %d but is '%s'".formatted(TaskQuery.MAX_LIMIT, text));
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
