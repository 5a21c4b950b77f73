package io.pgtask.registry;

import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The sealed hierarchy of a task type: from a state up to the type, and from the type
 * down to its states.
 */
final class TaskHierarchy {

	private TaskHierarchy() {
	}

	/**
	 * Return the task type of a state: the top-most sealed type above it, or the state's
	 * own class if there is none.
	 * @param state the class of the state
	 * @return the task type
	 * @throws FaultException if several unrelated sealed types are above it
	 */
	static Class<?> rootOf(Class<?> state) throws FaultException {
		Set<Class<?>> sealed = sealedTypesOf(state);
		List<Class<?>> roots = sealed.stream().filter((type) -> sealedTypesOf(type).size() == 1).toList();
		if (roots.size() > 1) {
			throw new FaultException(
					Names.of(state) + " belongs to several sealed types, so that its task type is ambiguous: "
							+ String.join(" and ", roots.stream().map(Names::of).toList()) + ".",
					"Leave only the task type sealed among the types that " + Names.of(state) + " implements.");
		}
		return roots.isEmpty() ? state : roots.get(0);
	}

	/**
	 * Return the states a sealed type permits. Subtypes of a {@code non-sealed} branch
	 * are not among them, since nobody can list them.
	 * @param type the task type
	 * @return the classes of the states, in the order of the permits clause
	 */
	static Set<Class<?>> permittedStatesOf(Class<?> type) {
		Set<Class<?>> states = new LinkedHashSet<>();
		collectStates(type, states);
		return states;
	}

	/**
	 * Return the types between a state and its task type.
	 * @param state the class of the state
	 * @param root the task type
	 * @return the types, without the two
	 */
	static Set<Class<?>> typesBetween(Class<?> state, Class<?> root) {
		Set<Class<?>> types = new LinkedHashSet<>(supertypesOf(state));
		types.removeIf((type) -> type == state || type == root || !root.isAssignableFrom(type));
		return types;
	}

	/**
	 * Return whether no object has this very class.
	 * @param type the class or interface
	 * @return whether it is abstract
	 */
	static boolean isAbstract(Class<?> type) {
		return Modifier.isAbstract(type.getModifiers());
	}

	private static void collectStates(Class<?> type, Set<Class<?>> states) {
		if (!isAbstract(type)) {
			states.add(type);
		}
		if (type.isSealed()) {
			for (Class<?> permitted : type.getPermittedSubclasses()) {
				collectStates(permitted, states);
			}
		}
	}

	private static Set<Class<?>> sealedTypesOf(Class<?> type) {
		Set<Class<?>> types = new LinkedHashSet<>(supertypesOf(type));
		types.removeIf((candidate) -> !candidate.isSealed());
		return types;
	}

	private static Set<Class<?>> supertypesOf(Class<?> type) {
		Set<Class<?>> types = new LinkedHashSet<>();
		Deque<Class<?>> open = new ArrayDeque<>(List.of(type));
		while (!open.isEmpty()) {
			Class<?> next = open.remove();
			if (types.add(next)) {
				List<Class<?>> above = new ArrayList<>(List.of(next.getInterfaces()));
				if (next.getSuperclass() != null) {
					above.add(next.getSuperclass());
				}
				open.addAll(above);
			}
		}
		return types;
	}

}
