package io.pgtask.codec;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.NonNull;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedField;
import tools.jackson.databind.introspect.AnnotatedMethod;
import tools.jackson.databind.introspect.AnnotatedParameter;

import org.springframework.core.KotlinDetector;

/**
 * Whether a component of a record may be {@code null}.
 */
enum ComponentNullness {

	/** Annotated {@code @Nullable}, or an {@code Optional}: may be missing. */
	NULLABLE,

	/** A primitive, or declared in {@code @NullMarked} code: neither missing nor null. */
	NON_NULL,

	/** Nothing is said: must not be missing, but may be null. */
	UNSPECIFIED;

	private static final Set<Class<?>> OPTIONALS = Set.of(Optional.class, OptionalInt.class, OptionalLong.class,
			OptionalDouble.class);

	/**
	 * Return the nullness of what Jackson found on a record.
	 * @param annotated a field, an accessor or a constructor's parameter
	 * @return the nullness, or {@code null} if it is no component of a record
	 */
	static @Nullable ComponentNullness of(Annotated annotated) {
		RecordComponent component = componentOf(annotated);
		// Kotlin has its own notion of null, and of defaults, which its module knows.
		boolean kotlin = component != null && KotlinDetector.isKotlinType(component.getDeclaringRecord());
		return (component != null && !kotlin) ? of(component) : null;
	}

	static ComponentNullness of(RecordComponent component) {
		Class<?> type = component.getType();
		if (type.isPrimitive()) {
			return NON_NULL;
		}
		if (OPTIONALS.contains(type) || hasAnnotation(component, "Nullable")) {
			return NULLABLE;
		}
		if (hasAnnotation(component, NonNull.class.getSimpleName())) {
			return NON_NULL;
		}
		boolean ofVariableType = component.getGenericType() instanceof TypeVariable<?>;
		return (!ofVariableType && isNullMarked(component.getDeclaringRecord())) ? NON_NULL : UNSPECIFIED;
	}

	private static @Nullable RecordComponent componentOf(Annotated annotated) {
		if (annotated instanceof AnnotatedParameter parameter) {
			return componentOf(parameter);
		}
		if (annotated instanceof AnnotatedField field) {
			return component(field.getDeclaringClass(), field.getName());
		}
		if (annotated instanceof AnnotatedMethod method && method.getParameterCount() == 0) {
			return component(method.getDeclaringClass(), method.getName());
		}
		return null;
	}

	private static @Nullable RecordComponent componentOf(AnnotatedParameter parameter) {
		RecordComponent[] components = parameter.getDeclaringClass().getRecordComponents();
		if (components == null || !(parameter.getOwner().getAnnotated() instanceof Constructor<?> constructor)) {
			return null;
		}
		Class<?>[] canonical = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
		return Arrays.equals(canonical, constructor.getParameterTypes()) ? components[parameter.getIndex()] : null;
	}

	private static @Nullable RecordComponent component(Class<?> type, String name) {
		RecordComponent[] components = type.getRecordComponents();
		if (components == null) {
			return null;
		}
		return Arrays.stream(components)
			.filter((component) -> component.getName().equals(name))
			.findFirst()
			.orElse(null);
	}

	/** Annotations of any origin count: there are a dozen {@code @Nullable}s. */
	private static boolean hasAnnotation(RecordComponent component, String simpleName) {
		return Stream
			.of(component.getAnnotations(), component.getAccessor().getAnnotations(),
					component.getAnnotatedType().getAnnotations())
			.flatMap(Arrays::stream)
			.map(Annotation::annotationType)
			.anyMatch((type) -> type.getSimpleName().equals(simpleName));
	}

	private static boolean isNullMarked(Class<?> type) {
		for (Class<?> scope = type; scope != null; scope = scope.getEnclosingClass()) {
			if (isMarked(scope)) {
				return true;
			}
			if (scope.isAnnotationPresent(NullUnmarked.class)) {
				return false;
			}
		}
		return isMarked(type.getPackage())
				|| (!type.getPackage().isAnnotationPresent(NullUnmarked.class) && isMarked(type.getModule()));
	}

	private static boolean isMarked(AnnotatedElement element) {
		return element.isAnnotationPresent(NullMarked.class);
	}

}
