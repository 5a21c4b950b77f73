package io.pgtask.registry;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;

import io.pgtask.RetrySettings;
import io.pgtask.Step;
import org.jspecify.annotations.Nullable;

/**
 * A registered step: the names under which its state is persisted, and the bean that runs
 * it.
 *
 * @param taskType the persisted name of the task type
 * @param taskTypeAliases former names of the task type that are still read
 * @param step the persisted name of the step
 * @param stepAliases former names of the step that are still read
 * @param stateType the state's type with all type variables resolved: a {@code Class}, or
 * a {@code ParameterizedType} if the state's class is generic
 * @param bean the step, possibly a proxy
 * @param settings how the step is run
 * @param origin where the step comes from, for messages: the name of its bean or its
 * class
 */
public record StepDefinition(String taskType, List<String> taskTypeAliases, String step, List<String> stepAliases,
		Type stateType, Step<?, ?> bean, StepSettings settings, String origin) {

	public StepDefinition {
		taskTypeAliases = List.copyOf(taskTypeAliases);
		stepAliases = List.copyOf(stepAliases);
	}

	/**
	 * Return how the step is retried.
	 * @return the settings
	 */
	public RetrySettings retry() {
		return this.settings.retry();
	}

	/**
	 * Return the transaction that the step shares with its transition.
	 * @return the transaction, or {@code null} if it runs outside of any
	 */
	public @Nullable TransactionSettings transaction() {
		return this.settings.transaction();
	}

	/**
	 * Return how long an attempt may take.
	 * @return the timeout, or {@code null} if it may take any time
	 */
	public @Nullable Duration timeout() {
		return this.settings.timeout();
	}

	/**
	 * Return the class of the state.
	 * @return the class
	 */
	public Class<?> stateClass() {
		return (Class<?>) ((this.stateType instanceof ParameterizedType generic) ? generic.getRawType()
				: this.stateType);
	}

}
