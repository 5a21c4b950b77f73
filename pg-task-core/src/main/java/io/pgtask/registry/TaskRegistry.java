package io.pgtask.registry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.TaskStep;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/**
 * All steps of an application by the names under which their states are persisted.
 * Immutable; built and checked as a whole at start-up.
 */
public final class TaskRegistry {

	private static final TaskRegistry EMPTY = new TaskRegistry(List.of());

	private final List<StepDefinition> steps;

	private final Map<String, Map<String, StepDefinition>> byName = new HashMap<>();

	private final Set<String> taskTypeNames;

	private TaskRegistry(List<StepDefinition> steps) {
		this.steps = List.copyOf(steps);
		for (StepDefinition step : this.steps) {
			Map<String, StepDefinition> ofType = this.byName.computeIfAbsent(step.taskType(),
					(name) -> new HashMap<>());
			step.taskTypeAliases().forEach((alias) -> this.byName.putIfAbsent(alias, ofType));
			ofType.put(step.step(), step);
			step.stepAliases().forEach((alias) -> ofType.put(alias, step));
		}
		this.taskTypeNames = Set.copyOf(this.byName.keySet());
	}

	/**
	 * Return a registry without steps, for an application that only produces tasks.
	 * @return the registry
	 */
	public static TaskRegistry empty() {
		return EMPTY;
	}

	/**
	 * Start a registry.
	 * @return the builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return all steps.
	 * @return the steps in the order of registration, unmodifiable
	 */
	public Collection<StepDefinition> steps() {
		return this.steps;
	}

	/**
	 * Return whether any step is transactional.
	 * @return whether a step shares a transaction with its transition
	 */
	public boolean hasTransactionalSteps() {
		return this.steps.stream().anyMatch((step) -> step.transaction() != null);
	}

	/**
	 * Return the names of all task types that have steps here, aliases included: what a
	 * worker claims.
	 * @return the names, unmodifiable
	 */
	public Set<String> taskTypeNames() {
		return this.taskTypeNames;
	}

	/**
	 * Return the names of a task type's steps, without aliases.
	 * @param taskType the persisted name of the task type or an alias
	 * @return the names in alphabetical order, empty if the task type is unknown
	 */
	public Set<String> stepNames(String taskType) {
		Set<String> names = new TreeSet<>();
		this.byName.getOrDefault(taskType, Map.of()).values().forEach((step) -> names.add(step.step()));
		return names;
	}

	/**
	 * Find a step.
	 * @param taskType the persisted name of the task type or an alias
	 * @param step the persisted name of the step or an alias
	 * @return the step, or {@code null} if there is none
	 */
	public @Nullable StepDefinition find(String taskType, String step) {
		Map<String, StepDefinition> ofType = this.byName.get(taskType);
		return (ofType != null) ? ofType.get(step) : null;
	}

	/**
	 * Collects steps. The faults of all of them are reported together by
	 * {@link #build()}.
	 */
	public static final class Builder {

		private final List<StepDefinition> steps = new ArrayList<>();

		private final ConfigurationFaults faults = new ConfigurationFaults();

		private boolean stepsMissing;

		private Builder() {
		}

		/**
		 * Add a step by its class, without Spring. Its {@link TaskStep} annotation, if
		 * any, says how it is run; placeholders cannot be resolved here.
		 * @param bean the step
		 * @return this builder
		 */
		public Builder step(Step<?, ?> bean) {
			Class<?> type = ClassUtils.getUserClass(bean.getClass());
			TaskStep annotation = AnnotatedElementUtils.findMergedAnnotation(type, TaskStep.class);
			String origin = type.getName();
			StepConfiguration configuration = (taskType, step) -> (annotation != null)
					? StepSettingsReader.read(annotation, (text) -> text, origin) : StepSettings.DEFAULT;
			return add(bean, ResolvableType.forClass(type), configuration, origin);
		}

		/**
		 * Add a step that is not transactional.
		 * @param bean the step, possibly a proxy
		 * @param declaredType the type of the step behind all proxies, as it was declared
		 * @param retry how the step is retried
		 * @param origin where the step comes from, for messages
		 * @return this builder
		 */
		public Builder step(Step<?, ?> bean, ResolvableType declaredType, RetrySettings retry, String origin) {
			return step(bean, declaredType, new StepSettings(retry, null), origin);
		}

		/**
		 * Add a step.
		 * @param bean the step, possibly a proxy
		 * @param declaredType the type of the step behind all proxies, as it was declared
		 * @param settings how the step is run
		 * @param origin where the step comes from, for messages
		 * @return this builder
		 */
		public Builder step(Step<?, ?> bean, ResolvableType declaredType, StepSettings settings, String origin) {
			return add(bean, declaredType, (taskType, step) -> settings, origin);
		}

		private Builder add(Step<?, ?> bean, ResolvableType declaredType, StepConfiguration configuration,
				String origin) {
			try {
				StepTypes types = StepTypes.of(bean, declaredType, origin);
				TaskNames names = RegistryChecks.requireTask(types, origin);
				this.steps.add(new StepDefinition(names.taskType(), names.taskTypeAliases(), names.step(),
						names.stepAliases(), types.stateType(), bean,
						configuration.settings(names.taskType(), names.step()), origin));
			}
			catch (PgTaskConfigurationException ex) {
				this.stepsMissing = true;
				this.faults.add(String.valueOf(ex.getMessage()), ex.getAction());
			}
			catch (FaultException ex) {
				this.stepsMissing = true;
				this.faults.add(ex.getMessage(), ex.getAction());
			}
			return this;
		}

		/**
		 * Add a bean that carries {@link TaskStep}, whatever its type; it is a fault if
		 * it is no {@link Step}.
		 * @param bean the bean, possibly a proxy
		 * @param declaredType the type of the bean behind all proxies, as it was declared
		 * @param configuration tells how the step is run, once its names are known
		 * @param origin where the bean comes from, for messages
		 * @return this builder
		 */
		public Builder candidate(Object bean, ResolvableType declaredType, StepConfiguration configuration,
				String origin) {
			if (bean instanceof Step<?, ?> step) {
				return add(step, declaredType, configuration, origin);
			}
			String type = Names.of(declaredType.resolve(bean.getClass()));
			this.faults.add("The bean " + origin + " of type " + type + " is annotated @TaskStep but is no "
					+ Step.class.getName() + ".", "Implement Step<T, S> in " + type + ", or remove @TaskStep.");
			return this;
		}

		/**
		 * Check all steps together and build the registry.
		 * @return the registry
		 * @throws PgTaskConfigurationException if anything is wrong; it names all faults
		 */
		public TaskRegistry build() {
			new RegistryChecks(this.faults, this.stepsMissing).check(this.steps);
			this.faults.throwIfAny();
			return new TaskRegistry(this.steps);
		}

	}

}
