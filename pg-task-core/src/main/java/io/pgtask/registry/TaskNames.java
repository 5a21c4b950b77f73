package io.pgtask.registry;

import java.util.List;

import io.pgtask.InvalidStateException;

/**
 * The names under which a state is persisted, derived from its class alone, so that a
 * producer needs no steps. The task type is the top-most sealed type above the state's
 * class; a class without one is a task of a single step, whose type and step have the
 * same name. Both names are the simple class names unless
 * {@link io.pgtask.PersistentName @PersistentName} pins them.
 *
 * @param taskClass the task type
 * @param taskType the persisted name of the task type
 * @param taskTypeAliases former names of the task type that are still read
 * @param step the persisted name of the step
 * @param stepAliases former names of the step that are still read
 */
public record TaskNames(Class<?> taskClass, String taskType, List<String> taskTypeAliases, String step,
		List<String> stepAliases) {

	private static final ClassValue<TaskNames> CACHE = new ClassValue<>() {

		@Override
		protected TaskNames computeValue(Class<?> type) {
			try {
				return derive(type);
			}
			catch (FaultException ex) {
				throw new InvalidStateException(ex.getMessage() + " " + ex.getAction(), null);
			}
		}

	};

	/**
	 * Return the names of a state, derived once per class.
	 * @param stateClass the class of the state
	 * @return the names
	 * @throws InvalidStateException if an object of the class cannot be a state
	 */
	public static TaskNames of(Class<?> stateClass) {
		return CACHE.get(stateClass);
	}

	static TaskNames derive(Class<?> stateClass) throws FaultException {
		StateClasses.requireState(stateClass);
		Class<?> taskClass = TaskHierarchy.rootOf(stateClass);
		PersistedName taskType = PersistedName.of(taskClass);
		PersistedName step = PersistedName.of(stateClass);
		return new TaskNames(taskClass, taskType.name(), taskType.aliases(), step.name(), step.aliases());
	}

}
