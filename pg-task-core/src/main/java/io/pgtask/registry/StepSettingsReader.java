package io.pgtask.registry;

import java.time.Duration;
import java.util.function.UnaryOperator;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.TaskStep;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.annotation.Isolation;

/**
 * Turns the attributes of {@link TaskStep} into {@link StepSettings}.
 */
public final class StepSettingsReader {

	private StepSettingsReader() {
	}

	/**
	 * Read the settings of an annotation.
	 * @param annotation the annotation
	 * @param placeholders resolves <code>${...}</code> placeholders
	 * @param origin where the annotation was found, for messages
	 * @return the settings
	 * @throws PgTaskConfigurationException if an attribute is not valid
	 */
	public static StepSettings read(TaskStep annotation, UnaryOperator<String> placeholders, String origin) {
		return new StepSettings(RetrySettingsReader.read(annotation, placeholders, origin),
				transaction(annotation, placeholders, origin));
	}

	private static @Nullable TransactionSettings transaction(TaskStep annotation, UnaryOperator<String> placeholders,
			String origin) {
		Duration timeout = DurationAttribute.read("timeout", annotation.timeout(), placeholders, origin);
		if (!annotation.transactional()) {
			requireNothingOfTransactions(annotation, origin);
			return null;
		}
		if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
			throw new PgTaskConfigurationException("The timeout of the @TaskStep of " + origin
					+ " is not longer than zero: '" + annotation.timeout() + "'.",
					"Write timeout as a duration such as 30s, or remove it from " + origin + ".");
		}
		return new TransactionSettings(annotation.isolation(), timeout, annotation.readOnly());
	}

	/** Somebody who asks for an isolation level counts on a transaction. */
	private static void requireNothingOfTransactions(TaskStep annotation, String origin) {
		if (annotation.isolation() != Isolation.DEFAULT || annotation.readOnly() || !annotation.timeout().isEmpty()) {
			throw new PgTaskConfigurationException(
					"The @TaskStep of " + origin + " sets isolation, timeout or readOnly of a transaction, but the step"
							+ " is not transactional.",
					"Add transactional = true to the annotation on " + origin + ", or remove those attributes.");
		}
	}

}
