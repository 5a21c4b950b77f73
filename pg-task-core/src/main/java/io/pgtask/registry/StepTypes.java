package io.pgtask.registry;

import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;

import io.pgtask.Step;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * The type arguments of a step bean.
 *
 * @param taskType the class of {@code T}
 * @param stateType the type {@code S} with its variables resolved
 * @param stateClass the class of {@code S}
 */
record StepTypes(Class<?> taskType, Type stateType, Class<?> stateClass) {

	/**
	 * Find the type arguments of a step. The declared type comes first: it is all there
	 * is for a lambda or a proxy; the class of the bean knows more when a bean method
	 * declares less.
	 * @param bean the step
	 * @param declaredType the type the step was declared with
	 * @param origin where the step comes from
	 * @return the types
	 * @throws FaultException if they cannot be found
	 */
	static StepTypes of(Step<?, ?> bean, ResolvableType declaredType, String origin) throws FaultException {
		ResolvableType beanType = ResolvableType.forClass(ClassUtils.getUserClass(bean.getClass()));
		StepTypes found = null;
		for (ResolvableType candidate : List.of(declaredType, beanType)) {
			StepTypes types = resolve(candidate.as(Step.class));
			if (types != null && !types.stateClass().isInterface()) {
				return types;
			}
			found = (found != null) ? found : types;
		}
		if (found != null) {
			return found;
		}
		throw new FaultException(
				"The task type and the state of the step " + origin + " are unknown: the type arguments of Step<T, S>"
						+ " cannot be found on " + declaredType + ".",
				bean.getClass().isHidden() || bean.getClass().isSynthetic()
						? "Write the step as a class instead of a lambda, or return it from a @Bean method whose"
								+ " return type has both arguments, such as Step<Greeter, Greeter.ReadName>."
						: "Declare both arguments, as in implements Step<Greeter, Greeter.ReadName>, on the class or"
								+ " on the return type of its @Bean method.");
	}

	private static @Nullable StepTypes resolve(ResolvableType step) {
		Class<?> task = step.getGeneric(0).resolve();
		Class<?> state = step.getGeneric(1).resolve();
		if (task == null || state == null || !isResolved(step.getGeneric(1))) {
			return null;
		}
		return new StepTypes(task, toType(step.getGeneric(1)), state);
	}

	private static boolean isResolved(ResolvableType type) {
		return type.resolve() != null && Arrays.stream(type.getGenerics()).allMatch(StepTypes::isResolved);
	}

	/**
	 * A plain reflective type, which unlike {@link ResolvableType#getType()} has no
	 * variables.
	 */
	private static Type toType(ResolvableType type) {
		Class<?> raw = type.resolve(Object.class);
		if (raw.isArray()) {
			return ResolvableType.forArrayComponent(ResolvableType.forType(toType(type.getComponentType()))).getType();
		}
		if (!type.hasGenerics()) {
			return raw;
		}
		ResolvableType[] generics = Arrays.stream(type.getGenerics())
			.map((generic) -> ResolvableType.forType(toType(generic)))
			.toArray(ResolvableType[]::new);
		return ResolvableType.forClassWithGenerics(raw, generics).getType();
	}

}
