package io.pgtask.actuate.endpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.pgtask.FailedAttempt;
import io.pgtask.TaskInfo;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.Sanitizer;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;

/**
 * Masks what may hold personal data or secrets: states, errors and headers. If values are
 * shown at all, the application's {@link SanitizingFunction}s still see each of them,
 * with the name of its property or header as the key.
 */
final class TaskMasking {

	private static final JsonMapper mapper = JsonMapper.builder()
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.build();

	private final Sanitizer sanitizer;

	TaskMasking(Iterable<SanitizingFunction> functions) {
		this.sanitizer = new Sanitizer(functions);
	}

	TaskDescriptor describe(TaskInfo task, boolean showValues, boolean withState) {
		return new TaskDescriptor(task.id(), task.taskType(), task.step(), task.state(), task.wakeupAt(), task.tried(),
				task.delivery(), task.priority(), task.createdAt(), task.updatedAt(), task.leaseExpiresAt(),
				task.tags(), mask("uniqueKey", task.uniqueKey(), showValues), task.deadline(), task.hold(),
				task.heldUntil(), task.cancelRequestedAt(), mask("error", task.error(), showValues),
				mask("lastError", task.lastError(), showValues), task.postponed(),
				withState ? failures(task.failures(), showValues) : null, maskHeaders(task.headers(), showValues),
				withState ? maskState(task.stateJson(), showValues) : null);
	}

	List<FailedAttemptDescriptor> failures(List<FailedAttempt> failures, boolean showValues) {
		return failures.stream()
			.map((failure) -> new FailedAttemptDescriptor(failure.at(), failure.attempt(), failure.delivery(),
					failure.worker(), failure.took(), mask("error", failure.error(), showValues),
					mask("stackTrace", failure.stackTrace(), showValues)))
			.toList();
	}

	Map<String, @Nullable Object> maskHeaders(Map<String, String> headers, boolean showValues) {
		Map<String, @Nullable Object> masked = new LinkedHashMap<>();
		headers.forEach((name, value) -> masked.put(name, mask(name, value, showValues)));
		return masked;
	}

	@Nullable Object maskState(String json, boolean showValues) {
		if (!showValues) {
			return mask("state", json, false);
		}
		try {
			return maskTree("state", mapper.readValue(json, Object.class));
		}
		catch (JacksonException ex) {
			// The row was written by hand; an operator has to see what is wrong with it.
			return mask("state", json, true);
		}
	}

	private @Nullable Object maskTree(String key, @Nullable Object value) {
		if (value instanceof Map<?, ?> properties) {
			Map<String, @Nullable Object> masked = new LinkedHashMap<>();
			properties.forEach(
					(name, property) -> masked.put(String.valueOf(name), maskTree(String.valueOf(name), property)));
			return masked;
		}
		if (value instanceof List<?> elements) {
			return elements.stream().map((element) -> maskTree(key, element)).toList();
		}
		return mask(key, value, true);
	}

	@Nullable Object mask(String key, @Nullable Object value, boolean showValues) {
		return (value != null) ? this.sanitizer.sanitize(new SanitizableData(null, key, value), showValues) : null;
	}

}
