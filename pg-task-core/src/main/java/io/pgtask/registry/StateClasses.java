package io.pgtask.registry;

import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Map;

import io.pgtask.NextStep;
import io.pgtask.Step;
import org.jspecify.annotations.Nullable;

/**
 * Which classes can be the state of a step.
 */
final class StateClasses {

	private StateClasses() {
	}

	static void requireState(Class<?> type) throws FaultException {
		String problem = problemOf(type);
		if (problem != null) {
			throw new FaultException(Names.of(type) + " cannot be the state of a task: it is " + problem + ".",
					"Use a record of your own as the state, and put the data into its components.");
		}
	}

	private static @Nullable String problemOf(Class<?> type) {
		if (NextStep.class.isAssignableFrom(type)) {
			return "a transition; pass the state inside it";
		}
		if (Step.class.isAssignableFrom(type)) {
			return "a step; pass the state it runs for";
		}
		if (type.isArray()) {
			return "an array";
		}
		if (Enum.class.isAssignableFrom(type)) {
			return "an enum, whose constants share one class";
		}
		if (type.isPrimitive() || isPlatformClass(type)) {
			return "a class of the platform, whose name says nothing about a task";
		}
		if (Map.class.isAssignableFrom(type) || Collection.class.isAssignableFrom(type)) {
			return "a collection";
		}
		if (type.isHidden() || type.isSynthetic()) {
			return "a lambda or generated class";
		}
		if (type.isAnonymousClass() || type.isLocalClass()) {
			return "a class inside a method, which has no name of its own";
		}
		if (type.isInterface()) {
			return "an interface, and only its implementations have a state";
		}
		if (Modifier.isAbstract(type.getModifiers())) {
			return "an abstract class";
		}
		if (type.isMemberClass() && !Modifier.isStatic(type.getModifiers())) {
			return "an inner class, which cannot be created without its outer object; make it static";
		}
		return null;
	}

	private static boolean isPlatformClass(Class<?> type) {
		ClassLoader loader = type.getClassLoader();
		return loader == null || loader == ClassLoader.getPlatformClassLoader()
				|| type.getPackageName().equals("kotlin") || type.getPackageName().startsWith("kotlin.");
	}

}
