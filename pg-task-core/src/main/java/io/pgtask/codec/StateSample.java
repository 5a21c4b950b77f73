package io.pgtask.codec;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes a sample of a record, with something in as many components as possible.
 */
final class StateSample {

	private final JsonMapper mapper;

	private final Set<JavaType> open = new HashSet<>();

	/** Types that refer to each other many times over make samples that never end. */
	private int budget = 1000;

	StateSample(JsonMapper mapper) {
		this.mapper = mapper;
	}

	/**
	 * Create a sample.
	 * @param type the type
	 * @return the sample, or {@code null} if none can be made: the type is no record, or
	 * its constructor refuses the values
	 */
	@Nullable Object create(JavaType type) {
		Class<?> raw = type.getRawClass();
		Object value = SampleValues.of(raw);
		if (value != null) {
			return value;
		}
		if (raw.isEnum()) {
			return (raw.getEnumConstants().length > 0) ? raw.getEnumConstants()[0] : null;
		}
		if (raw.isArray()) {
			return array(type);
		}
		if (raw == Optional.class) {
			return Optional.ofNullable(create(type.getContentType()));
		}
		if (type.isCollectionLikeType() || type.isMapLikeType()) {
			return container(type);
		}
		return (raw.isRecord() && isReadByJackson(type)) ? record(type) : null;
	}

	/** A deserializer of the application may well refuse what its record does not. */
	private boolean isReadByJackson(JavaType type) {
		return this.mapper._deserializationContext()
			.findNonContextualValueDeserializer(type) instanceof BeanDeserializerBase;
	}

	private Object array(JavaType type) {
		Class<?> component = type.getContentType().getRawClass();
		Object element = create(type.getContentType());
		Object array = Array.newInstance(component, (element != null) ? 1 : 0);
		if (element != null) {
			Array.set(array, 0, element);
		}
		return array;
	}

	@SuppressWarnings("unchecked")
	private @Nullable Object container(JavaType type) {
		try {
			Object container = this.mapper.readValue(type.isMapLikeType() ? "{}" : "[]", type);
			Object content = create(type.getContentType());
			if (container instanceof Collection<?> collection && content != null) {
				((Collection<Object>) collection).add(content);
			}
			else if (container instanceof Map<?, ?> map && content != null) {
				Object key = create(type.getKeyType());
				if (key != null) {
					((Map<Object, Object>) map).put(key, content);
				}
			}
			return container;
		}
		catch (JacksonException | UnsupportedOperationException | ClassCastException ex) {
			return null;
		}
	}

	private @Nullable Object record(JavaType type) {
		this.budget--;
		if (this.budget < 0 || !this.open.add(type)) {
			return null;
		}
		try {
			return construct(type, type.getRawClass().getRecordComponents());
		}
		finally {
			this.open.remove(type);
		}
	}

	private @Nullable Object component(RecordComponent component, JavaType type) {
		if (component.getAccessor().isAnnotationPresent(JsonDeserialize.class)) {
			return null;
		}
		JavaType componentType = this.mapper.getTypeFactory()
			.resolveMemberType(component.getGenericType(), type.getBindings());
		return create(componentType);
	}

	private @Nullable Object construct(JavaType type, RecordComponent[] components) {
		Object[] values = new Object[components.length];
		for (int i = 0; i < components.length; i++) {
			values[i] = component(components[i], type);
			if (values[i] == null && ComponentNullness.of(components[i]) == ComponentNullness.NON_NULL) {
				return null;
			}
		}
		Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
		try {
			Constructor<?> constructor = type.getRawClass().getDeclaredConstructor(types);
			constructor.setAccessible(true);
			return constructor.newInstance(values);
		}
		catch (InvocationTargetException | InaccessibleObjectException ex) {
			return null;
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("A record has a canonical constructor", ex);
		}
	}

}
