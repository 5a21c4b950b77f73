package io.pgtask.registry;

import java.time.Duration;
import java.util.function.UnaryOperator;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.TaskStep;

/**
 * Turns the attributes of {@link TaskStep} into {@link RetrySettings}.
 */
final class RetrySettingsReader {

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
	static RetrySettings read(TaskStep annotation, UnaryOperator<String> placeholders, String origin) {
		Duration delay = DurationAttribute.read("retryDelay", annotation.retryDelay(), placeholders, origin);
		if (delay == null) {
			throw DurationAttribute.fault("retryDelay", annotation.retryDelay(), "is empty", origin, null);
		}
		Duration maxDelay = DurationAttribute.read("retryMaxDelay", annotation.retryMaxDelay(), placeholders, origin);
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

}
