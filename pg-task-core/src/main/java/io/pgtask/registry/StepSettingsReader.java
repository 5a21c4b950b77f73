package io.pgtask.registry;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.TaskStep;
import org.jspecify.annotations.Nullable;

import org.springframework.core.retry.RetryPolicy;
import org.springframework.transaction.annotation.Isolation;

/**
 * Turns the attributes of {@link TaskStep}, and what is configured besides, into
 * {@link StepSettings}.
 */
public final class StepSettingsReader {

	/** Stands for the policy whose bean is not there yet. */
	private static final RetryPolicy ANY_POLICY = RetryPolicy.withDefaults();

	private StepSettingsReader() {
	}

	/**
	 * Read the settings of an annotation where nothing is configured.
	 * @param annotation the annotation
	 * @param placeholders resolves <code>${...}</code> placeholders
	 * @param origin where the annotation was found, for messages
	 * @return the settings
	 * @throws PgTaskConfigurationException if an attribute is not valid
	 */
	public static StepSettings read(TaskStep annotation, UnaryOperator<String> placeholders, String origin) {
		return settings(annotation, options(annotation, placeholders, origin), StepOptions.RetryPolicies.NONE, origin);
	}

	/**
	 * Read what the attributes of an annotation say.
	 * @param annotation the annotation
	 * @param placeholders resolves <code>${...}</code> placeholders
	 * @param origin where the annotation was found, for messages
	 * @return the options
	 * @throws PgTaskConfigurationException if an attribute is no duration
	 */
	public static StepOptions options(TaskStep annotation, UnaryOperator<String> placeholders, String origin) {
		StepOptions options = new StepOptions(
				(annotation.maxRetries() != TaskStep.AS_CONFIGURED) ? annotation.maxRetries() : null,
				annotation.retryBackoff(),
				DurationAttribute.read("retryDelay", annotation.retryDelay(), placeholders, origin),
				number(annotation.retryMultiplier()),
				DurationAttribute.read("retryMaxDelay", annotation.retryMaxDelay(), placeholders, origin),
				number(annotation.retryJitter()), types(annotation.retryFor()), types(annotation.noRetryFor()),
				annotation.retryPolicy(),
				DurationAttribute.read("timeout", annotation.timeout(), placeholders, origin));
		retry(options, (name) -> ANY_POLICY, origin);
		return options;
	}

	private static @Nullable Double number(double attribute) {
		return Double.isNaN(attribute) ? null : attribute;
	}

	private static @Nullable List<Class<? extends Throwable>> types(Class<? extends Throwable>[] attribute) {
		return (attribute.length > 0) ? List.of(attribute) : null;
	}

	/**
	 * Make the settings of a step.
	 * @param annotation the annotation of the step
	 * @param options what it and the configuration say together
	 * @param policies knows the policies by their names
	 * @param origin where the step comes from, for messages
	 * @return the settings
	 * @throws PgTaskConfigurationException if something makes no sense
	 */
	public static StepSettings settings(TaskStep annotation, StepOptions options, StepOptions.RetryPolicies policies,
			String origin) {
		Duration timeout = options.timeout();
		if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
			throw new PgTaskConfigurationException(
					"The timeout of the @TaskStep of " + origin + " is not longer than zero: '" + timeout + "'.",
					"Write timeout as a duration such as 30s, or remove it from " + origin + ".");
		}
		return new StepSettings(retry(options, policies, origin), transaction(annotation, timeout, origin), timeout);
	}

	private static RetrySettings retry(StepOptions options, StepOptions.RetryPolicies policies, String origin) {
		try {
			return options.retry(policies);
		}
		catch (IllegalArgumentException ex) {
			throw new PgTaskConfigurationException(
					"The @TaskStep of " + origin + " is not valid: " + ex.getMessage() + ".",
					"Correct the annotation on " + origin + ", or what pg-task.retry.* and pg-task.steps.* say of it.",
					ex);
		}
	}

	private static @Nullable TransactionSettings transaction(TaskStep annotation, @Nullable Duration timeout,
			String origin) {
		if (annotation.transactional()) {
			return new TransactionSettings(annotation.isolation(), timeout, annotation.readOnly());
		}
		// Somebody who asks for an isolation level counts on a transaction.
		if (annotation.isolation() != Isolation.DEFAULT || annotation.readOnly()) {
			throw new PgTaskConfigurationException(
					"The @TaskStep of " + origin + " sets isolation or readOnly of a transaction, but the step is not"
							+ " transactional.",
					"Add transactional = true to the annotation on " + origin + ", or remove those attributes.");
		}
		return null;
	}

}
