package io.pgtask.registry;

import java.time.Duration;
import java.util.function.UnaryOperator;

import io.pgtask.PgTaskConfigurationException;
import org.jspecify.annotations.Nullable;

import org.springframework.format.datetime.standard.DurationFormatterUtils;

/**
 * Reads the attributes of {@link io.pgtask.TaskStep} that are durations.
 */
final class DurationAttribute {

	private DurationAttribute() {
	}

	/**
	 * Read a duration.
	 * @param attribute the name of the attribute, for messages
	 * @param text its value
	 * @param placeholders resolves <code>${...}</code> placeholders
	 * @param origin where the annotation was found, for messages
	 * @return the duration, or {@code null} if the text is blank
	 * @throws PgTaskConfigurationException if the text is no duration
	 */
	static @Nullable Duration read(String attribute, String text, UnaryOperator<String> placeholders, String origin) {
		String resolved = resolve(attribute, text, placeholders, origin);
		if (resolved.isBlank()) {
			return null;
		}
		try {
			return DurationFormatterUtils.detectAndParse(resolved.strip());
		}
		catch (IllegalArgumentException ex) {
			throw fault(attribute, resolved, "is not a duration", origin, ex);
		}
	}

	private static String resolve(String attribute, String text, UnaryOperator<String> placeholders, String origin) {
		try {
			String resolved = placeholders.apply(text);
			if (resolved.contains("${")) {
				throw fault(attribute, text, "has a placeholder that is not resolved", origin, null);
			}
			return resolved;
		}
		catch (IllegalArgumentException ex) {
			throw fault(attribute, text, "has a placeholder that cannot be resolved", origin, ex);
		}
	}

	static PgTaskConfigurationException fault(String attribute, String text, String problem, String origin,
			@Nullable Throwable cause) {
		return new PgTaskConfigurationException(
				"The " + attribute + " of the @TaskStep of " + origin + " " + problem + ": '" + text + "'.",
				"Write " + attribute + " as a duration such as 5s or PT5S; placeholders such as ${greeter.delay} are"
						+ " resolved by Spring only, and need the property to be set.",
				cause);
	}

}
