package io.pgtask.registry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.pgtask.PersistentName;

/**
 * The check of all steps together.
 */
final class RegistryChecks {

	private final ConfigurationFaults faults;

	private final boolean stepsMissing;

	/**
	 * Create the checks.
	 * @param faults where to add what is wrong
	 * @param stepsMissing whether steps were left out because of their own faults, so
	 * that a state without a step says nothing
	 */
	RegistryChecks(ConfigurationFaults faults, boolean stepsMissing) {
		this.faults = faults;
		this.stepsMissing = stepsMissing;
	}

	/**
	 * Check that a step's task type is the one a producer derives from the state.
	 * @param types the type arguments of the step
	 * @param origin where the step comes from
	 * @return the names of the state
	 * @throws FaultException if it is not
	 */
	static TaskNames requireTask(StepTypes types, String origin) throws FaultException {
		Class<?> state = types.stateClass();
		Class<?> task = types.taskType();
		try {
			StateClasses.requireState(state);
		}
		catch (FaultException ex) {
			throw new FaultException("The step " + origin + ": " + ex.getMessage(), ex.getAction());
		}
		TaskNames names = TaskNames.derive(state);
		boolean single = names.taskClass() == state;
		if (task != state && (single || !names.taskClass().isAssignableFrom(task))) {
			String wanted = Names.of(single ? state : names.taskClass());
			throw new FaultException("The step " + origin + " declares the task type " + Names.of(task)
					+ ", which is not sealed: a producer cannot derive it from the state " + Names.of(state) + ".",
					(single ? "Make " + Names.of(task) + " a sealed interface (Kotlin: with a jvmTarget of 17 or"
							+ " later), or implement Step<" : "Implement Step<") + wanted + ", " + Names.of(state)
							+ ">.");
		}
		return names;
	}

	void check(List<StepDefinition> steps) {
		Map<Class<?>, StepDefinition> byState = new LinkedHashMap<>();
		for (StepDefinition step : steps) {
			StepDefinition other = byState.putIfAbsent(step.stateClass(), step);
			if (other != null) {
				addTwoSteps(step, other);
			}
		}
		Map<Class<?>, Set<Class<?>>> statesByTask = statesByTask(byState.keySet());
		statesByTask.forEach((task, states) -> checkTask(task, states, byState.keySet()));
		checkUnique("task types", statesByTask.keySet());
	}

	/** The states with a step and their siblings, by task type. */
	private static Map<Class<?>, Set<Class<?>>> statesByTask(Set<Class<?>> statesWithStep) {
		Map<Class<?>, Set<Class<?>>> statesByTask = new LinkedHashMap<>();
		for (Class<?> state : statesWithStep) {
			Class<?> task = TaskNames.of(state).taskClass();
			statesByTask.computeIfAbsent(task, (key) -> new LinkedHashSet<>(TaskHierarchy.permittedStatesOf(key)))
				.add(state);
		}
		return statesByTask;
	}

	private void addTwoSteps(StepDefinition step, StepDefinition other) {
		String state = Names.of(step.stateClass());
		boolean sameType = step.stateType().equals(other.stateType());
		this.faults.add(
				"Two steps run for the state " + state + ": " + describe(other) + " and " + describe(step) + ".",
				sameType ? "Remove one of the two steps, or give it a state of its own."
						: "Use a record of its own for each: the type arguments of " + state + " are not persisted.");
	}

	private static String describe(StepDefinition step) {
		return step.origin() + " (state type " + step.stateType().getTypeName() + ")";
	}

	private void checkTask(Class<?> task, Set<Class<?>> states, Set<Class<?>> statesWithStep) {
		List<Class<?>> valid = new ArrayList<>();
		for (Class<?> state : states) {
			try {
				TaskNames.derive(state);
				valid.add(state);
			}
			catch (FaultException ex) {
				this.faults.add(ex.getMessage(), ex.getAction());
			}
			checkNamesBetween(state, task);
		}
		if (!this.stepsMissing) {
			valid.stream()
				.filter((state) -> !statesWithStep.contains(state))
				.forEach((state) -> addMissingStep(state, task));
		}
		checkUnique("states of the task type " + Names.of(task), valid);
	}

	private void addMissingStep(Class<?> state, Class<?> task) {
		this.faults.add("The state " + Names.of(state) + " of the task type " + Names.of(task) + " has no step.",
				"Add a bean annotated @TaskStep that implements Step<" + Names.of(task) + ", " + Names.of(state)
						+ ">, or remove the state from the task type.");
	}

	private void checkNamesBetween(Class<?> state, Class<?> task) {
		for (Class<?> between : TaskHierarchy.typesBetween(state, task)) {
			if (between.isAnnotationPresent(PersistentName.class) && TaskHierarchy.isAbstract(between)) {
				this.faults.add(
						"The @PersistentName on " + Names.of(between) + " has no effect: only the task type "
								+ Names.of(task) + " and the classes of the states have persisted names.",
						"Remove @PersistentName from " + Names.of(between) + ", or move it to " + Names.of(task) + ".");
			}
		}
	}

	private void checkUnique(String what, Collection<Class<?>> types) {
		Map<String, Class<?>> owners = new HashMap<>();
		for (Class<?> type : types) {
			for (String name : namesOf(type)) {
				Class<?> owner = owners.putIfAbsent(name, type);
				if (owner != null) {
					this.faults.add(
							"Two " + what + " have the persisted name or alias '" + name + "': " + Names.of(owner)
									+ " and " + Names.of(type) + ".",
							"Give one of the two another name by @PersistentName.");
				}
			}
		}
	}

	private static List<String> namesOf(Class<?> type) {
		try {
			PersistedName name = PersistedName.of(type);
			List<String> names = new ArrayList<>(name.aliases());
			names.add(0, name.name());
			return names;
		}
		catch (FaultException ex) {
			throw new IllegalStateException("Only types with valid names are compared", ex);
		}
	}

}
