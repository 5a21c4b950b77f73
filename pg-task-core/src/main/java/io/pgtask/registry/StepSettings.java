package io.pgtask.registry;

import java.time.Duration;

import io.pgtask.RetrySettings;
import org.jspecify.annotations.Nullable;

/**
 * How a step is run, as its {@link io.pgtask.TaskStep} annotation and the configuration
 * say.
 *
 * @param retry how the step is retried
 * @param transaction the transaction that the step shares with its transition, or
 * {@code null} if it runs outside of any
 * @param timeout how long an attempt may take, or {@code null} if it may take any time
 */
public record StepSettings(RetrySettings retry, @Nullable TransactionSettings transaction, @Nullable Duration timeout) {

	/** What holds for a step without attributes. */
	public static final StepSettings DEFAULT = new StepSettings(RetrySettings.DEFAULT, null);

	/**
	 * Create the settings of a step that may take any time.
	 * @param retry how the step is retried
	 * @param transaction the transaction that the step shares with its transition, or
	 * {@code null} if it runs outside of any
	 */
	public StepSettings(RetrySettings retry, @Nullable TransactionSettings transaction) {
		this(retry, transaction, null);
	}

}
