package io.pgtask.codec;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;

import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.PropertyValueBuffer;

/**
 * Makes the records of one class by a handle. What goes wrong is left to Jackson, which
 * calls the constructor again: it wraps the exception as its configuration demands.
 */
final class RecordInstantiator extends ValueInstantiator.Delegating {

	static final MethodType ARGUMENTS_TO_RECORD = MethodType.methodType(Object.class, Object[].class);

	private static final long serialVersionUID = 1L;

	private final transient MethodHandle constructor;

	RecordInstantiator(ValueInstantiator standard, MethodHandle constructor) {
		super(standard);
		this.constructor = constructor;
	}

	@Override
	public Object createFromObjectWith(DeserializationContext context, Object[] arguments) {
		try {
			return this.constructor.invokeExact(arguments);
		}
		catch (Throwable ex) {
			return super.createFromObjectWith(context, arguments);
		}
	}

	@Override
	public Object createFromObjectWith(DeserializationContext context, SettableBeanProperty[] properties,
			PropertyValueBuffer buffer) {
		return createFromObjectWith(context, buffer.getParameters(context, properties));
	}

}
