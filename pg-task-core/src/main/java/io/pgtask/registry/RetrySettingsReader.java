package io.pgtask.registry;

import java.time.Duration;
import java.util.function.UnaryOperator;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.TaskStep;
import org.jspecify.annotations.Nullable;

import org.springframework.format.datetime.standard.DurationFormatterUtils;

/**
 * Turns the attributes of {@link TaskStep} into {@link RetrySettings}.
 */
public final class RetrySettingsReader {

	private RetrySettingsReader() {
	}

	/**
	 * Read the retry settings of an annotation.
	 * @param annotation the annotation
	 * @param placeholders resolves <code>${...}</code> placeholders
	 * @param origin where the annotation was found, for messages
	 * @return the settings
	 * @throws PgTaskConfigurationException if an attribute is not valid
	 */
	public static RetrySettings read(TaskStep annotation, UnaryOperator<String> placeholders, String origin) {
		Duration delay = duration("retryDelay", annotation.retryDelay(), placeholders, origin);
		if (delay == null) {
			throw fault("retryDelay", annotation.retryDelay(), "is empty", origin, null);
		}
		Duration maxDelay = duration("retryMaxDelay", annotation.retryMaxDelay(), placeholders, origin);
		try {
			return new RetrySettings(annotation.maxRetries(), delay, annotation.retryMultiplier(), maxDelay,
					annotation.retryJitter());
		}
		catch (IllegalArgumentException ex) {
			throw new PgTaskConfigurationException(
					"The @TaskStep of " + origin + " is not valid: " + ex.getMessage() + ".",
					"Correct the annotation on " + origin + ".", ex);
		}
	}

	private static @Nullable Duration duration(String attribute, String text, UnaryOperator<String> placeholders,
			String origin) {
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

	private static PgTaskConfigurationException fault(String attribute, String text, String problem, String origin,
			@Nullable Throwable cause) {
		return new PgTaskConfigurationException(
				"The " + attribute + " of the @TaskStep of " + origin + " " + problem + ": '" + text + "'.",
				"Write " + attribute + " as a duration such as 5s or PT5S; placeholders such as ${greeter.delay} are"
						+ " resolved by Spring only, and need the property to be set.",
				cause);
	}

}
