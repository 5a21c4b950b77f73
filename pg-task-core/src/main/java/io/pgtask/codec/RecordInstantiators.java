package io.pgtask.codec;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;

import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.ValueInstantiators;
import tools.jackson.databind.deser.std.StdValueInstantiator;
import tools.jackson.databind.introspect.AnnotatedConstructor;

import org.springframework.core.KotlinDetector;

/**
 * Makes records by a handle of their constructor that is adapted to an array of arguments
 * once. Jackson adapts its handle for every record, which takes longer than reading one.
 */
final class RecordInstantiators extends ValueInstantiators.Base {

	@Override
	public ValueInstantiator modifyValueInstantiator(DeserializationConfig config, BeanDescription.Supplier description,
			ValueInstantiator standard) {
		boolean isOurs = standard.getClass() == StdValueInstantiator.class && isJavaRecord(standard.getValueClass());
		if (isOurs && standard.getWithArgsCreator() instanceof AnnotatedConstructor creator) {
			return withHandle(standard, creator.getAnnotated());
		}
		return standard;
	}

	/** The module of Jackson for Kotlin makes those of Kotlin, and nobody else may. */
	private static boolean isJavaRecord(Class<?> type) {
		return type.isRecord() && !KotlinDetector.isKotlinType(type);
	}

	private static ValueInstantiator withHandle(ValueInstantiator standard, Constructor<?> constructor) {
		try {
			MethodHandle handle = MethodHandles.lookup().unreflectConstructor(constructor);
			return new RecordInstantiator(standard,
					handle.asFixedArity()
						.asSpreader(Object[].class, constructor.getParameterCount())
						.asType(RecordInstantiator.ARGUMENTS_TO_RECORD));
		}
		catch (IllegalAccessException ex) {
			// Jackson was not allowed to open it either, and says so when it reads one.
			return standard;
		}
	}

}
