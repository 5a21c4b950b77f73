package io.pgtask.registry;

import io.pgtask.RetrySettings;
import org.jspecify.annotations.Nullable;

/**
 * How a step is run, as its {@link io.pgtask.TaskStep} annotation says.
 *
 * @param retry how the step is retried
 * @param transaction the transaction that the step shares with its transition, or
 * {@code null} if it runs outside of any
 */
public record StepSettings(RetrySettings retry, @Nullable TransactionSettings transaction) {

	/** What holds for a step without attributes. */
	public static final StepSettings DEFAULT = new StepSettings(RetrySettings.DEFAULT, null);

}
