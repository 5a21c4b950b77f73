package io.pgtask.store;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.pgtask.FailedAttempt;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The failed attempts of a step, a JSON array in the row.
 */
public final class FailedAttempts {

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private FailedAttempts() {
	}

	/**
	 * Write an attempt. Its time is that of the database, which adds it.
	 * @param attempt which attempt it was
	 * @param delivery its delivery number
	 * @param worker the identity of the worker
	 * @param took how long the step ran
	 * @param error the message with its causes, fit for the database
	 * @param stackTrace the stack trace, fit for the database, or {@code null}
	 * @return the JSON object
	 */
	public static String write(int attempt, int delivery, String worker, Duration took, String error,
			@Nullable String stackTrace) {
		Map<String, Object> properties = new LinkedHashMap<>();
		properties.put("attempt", attempt);
		properties.put("delivery", delivery);
		properties.put("worker", worker);
		properties.put("took_ms", took.toMillis());
		properties.put("error", error);
		if (stackTrace != null) {
			properties.put("stack_trace", stackTrace);
		}
		return MAPPER.writeValueAsString(properties);
	}

	/**
	 * Read the attempts of a row. What somebody else has written there is left out.
	 */
	static List<FailedAttempt> read(@Nullable String json) {
		if (json == null) {
			return List.of();
		}
		List<FailedAttempt> attempts = new ArrayList<>();
		try {
			for (JsonNode entry : MAPPER.readTree(json)) {
				FailedAttempt attempt = read(entry);
				if (attempt != null) {
					attempts.add(attempt);
				}
			}
		}
		catch (JacksonException ex) {
			return List.of();
		}
		return List.copyOf(attempts);
	}

	private static @Nullable FailedAttempt read(JsonNode entry) {
		try {
			return new FailedAttempt(OffsetDateTime.parse(entry.path("at").asString("")).toInstant(),
					entry.path("attempt").asInt(0), entry.path("delivery").asInt(0), entry.path("worker").asString(""),
					Duration.ofMillis(entry.path("took_ms").asLong(0)), entry.path("error").asString(""),
					entry.has("stack_trace") ? entry.path("stack_trace").asString("") : null);
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

}
