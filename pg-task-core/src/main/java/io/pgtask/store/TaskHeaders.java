package io.pgtask.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.pgtask.PgTaskException;
import io.pgtask.TaskHeadersContributor;
import io.pgtask.TaskOptions;
import io.pgtask.codec.EncodedStep;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The headers of a task: strings by name, a JSON object in the row.
 */
final class TaskHeaders {

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private TaskHeaders() {
	}

	/**
	 * Collect the headers of a new task.
	 * @param chosen what the caller wants, which nobody overrides
	 * @return the JSON, or {@code null} if there are none
	 * @throws PgTaskException if the database cannot hold a header
	 */
	static @Nullable String collect(EncodedStep step, List<TaskHeadersContributor> contributors,
			Map<String, String> chosen) {
		if (contributors.isEmpty() && chosen.isEmpty()) {
			return null;
		}
		Map<String, String> headers = new LinkedHashMap<>(chosen);
		for (TaskHeadersContributor contributor : contributors) {
			contributor.contribute(step.taskType(), step.step(), headers);
		}
		headers.putAll(chosen);
		headers.forEach((name, value) -> verify(step, name, value));
		requireSize(step, headers);
		return headers.isEmpty() ? null : MAPPER.writeValueAsString(headers);
	}

	/**
	 * Read the headers of a row. It never fails: whatever somebody has written into the
	 * column, a task must not be out of reach because of it.
	 * @return the headers, unmodifiable
	 */
	static Map<String, String> read(@Nullable String json) {
		if (json == null) {
			return Map.of();
		}
		try {
			Map<String, String> headers = new LinkedHashMap<>();
			for (Map.Entry<String, JsonNode> property : MAPPER.readTree(json).properties()) {
				JsonNode value = property.getValue();
				headers.put(property.getKey(), value.isString() ? value.stringValue() : value.toString());
			}
			return Map.copyOf(headers);
		}
		catch (JacksonException ex) {
			return Map.of();
		}
	}

	private static void requireSize(EncodedStep step, Map<String, String> headers) {
		long length = headers.entrySet()
			.stream()
			.mapToLong((header) -> (long) header.getKey().length() + header.getValue().length())
			.sum();
		if (length > TaskOptions.MAX_HEADERS_LENGTH) {
			throw new PgTaskException(
					"The headers of a task of type %s have %d characters, but at most %d are allowed; every step is given them, so put what is large into its state"
						.formatted(step.taskType(), length, TaskOptions.MAX_HEADERS_LENGTH),
					null);
		}
	}

	private static void verify(EncodedStep step, @Nullable String name, @Nullable String value) {
		if (name == null || value == null) {
			throw new PgTaskException("The header '" + name + "' of a task of type " + step.taskType()
					+ " is null; a TaskHeadersContributor must leave it out instead", null);
		}
		if (!DatabaseText.canHold(name) || !DatabaseText.canHold(value)) {
			throw new PgTaskException("The header '" + name.replace('\0', '?') + "' of a task of type "
					+ step.taskType() + " contains a NUL character or half a surrogate pair, which PostgreSQL cannot"
					+ " hold; whoever adds it must remove or escape it", null);
		}
	}

}
