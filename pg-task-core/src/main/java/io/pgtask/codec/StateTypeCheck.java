package io.pgtask.codec;

import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.AbstractDeserializer;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.std.ContainerDeserializerBase;
import tools.jackson.databind.deser.std.ReferenceTypeDeserializer;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.impl.UnknownSerializer;

/**
 * Walks the types a state consists of, and looks at the serializers and deserializers
 * that Jackson has built for them.
 */
final class StateTypeCheck {

	private final DeserializationContext reading;

	private final SerializationContext writing;

	private final Set<JavaType> seen = new HashSet<>();

	StateTypeCheck(JsonMapper mapper) {
		this.reading = mapper._deserializationContext();
		this.writing = mapper._serializationContext();
	}

	void check(JavaType type) throws UnreadableTypeException {
		check(type, "");
	}

	private void check(JavaType type, String path) throws UnreadableTypeException {
		ValueDeserializer<?> deserializer;
		try {
			deserializer = this.reading.findNonContextualValueDeserializer(type);
			this.writing.findValueSerializer(type);
		}
		catch (DatabindException ex) {
			throw fault(path, type, "for which Jackson has no format: " + ex.getOriginalMessage(),
					"Use a type that Jackson can write and read, or give it a serializer and a deserializer.");
		}
		check(type, deserializer, path);
	}

	private void check(JavaType type, ValueDeserializer<?> deserializer, String path) throws UnreadableTypeException {
		if (!this.seen.add(type)) {
			return;
		}
		if (type.isContainerType() || type.isReferenceType()) {
			checkContent(type, deserializer, path);
		}
		else if (deserializer instanceof AbstractDeserializer) {
			checkSubtypes(type, path);
		}
		else if (deserializer instanceof BeanDeserializerBase bean) {
			checkBean(type, bean, path);
		}
	}

	private void checkContent(JavaType type, ValueDeserializer<?> deserializer, String path)
			throws UnreadableTypeException {
		JavaType content = type.getContentType();
		if (deserializer instanceof ContainerDeserializerBase<?> container
				&& container.getContentDeserializer() != null) {
			check(content, container.getContentDeserializer(), path);
		}
		else if (deserializer instanceof ReferenceTypeDeserializer) {
			check(content, path);
		}
	}

	private void checkSubtypes(JavaType type, String path) throws UnreadableTypeException {
		if (this.reading.findTypeDeserializer(type) == null) {
			throw fault(path, type, "which is abstract, and the JSON does not say which class to create",
					"Use a concrete class, or annotate " + type.getRawClass().getSimpleName() + " with @JsonTypeInfo.");
		}
		AnnotatedClass annotated = this.reading.introspectClassAnnotations(type);
		Collection<NamedType> subtypes = this.reading.getConfig()
			.getSubtypeResolver()
			.collectAndResolveSubtypesByClass(this.reading.getConfig(), annotated);
		for (NamedType subtype : subtypes) {
			if (subtype.getType() != type.getRawClass()) {
				check(this.reading.constructSpecializedType(type, subtype.getType()), path);
			}
		}
	}

	private void checkBean(JavaType type, BeanDeserializerBase bean, String path) throws UnreadableTypeException {
		Class<?> raw = type.getRawClass();
		if (isPlatformClass(raw) && !Throwable.class.isAssignableFrom(raw)) {
			throw fault(path, type, "a class of the platform for which Jackson has no format of its own",
					"Keep the data to create it from in the state instead.");
		}
		ValueSerializer<?> serializer = this.writing.findValueSerializer(type);
		boolean writtenAsObject = serializer instanceof BeanSerializerBase || serializer instanceof UnknownSerializer;
		if (!canCreate(bean.getValueInstantiator(), writtenAsObject)) {
			throw fault(path, type, "which has no constructor that Jackson can choose",
					"Use a record, or annotate one constructor of " + raw.getSimpleName() + " with @JsonCreator.");
		}
		if (writtenAsObject && !serializer.properties().hasNext() && StateWriter.hasFields(raw)) {
			throw fault(path, type, "of which nothing is written: it has fields, but no getters",
					"Use a record, or give " + raw.getSimpleName() + " getters or annotate its fields with"
							+ " @JsonProperty.");
		}
		for (Iterator<SettableBeanProperty> properties = bean.properties(); properties.hasNext();) {
			checkProperty(properties.next(), path);
		}
	}

	private static boolean isPlatformClass(Class<?> type) {
		return type.getClassLoader() == null || type.getClassLoader() == ClassLoader.getPlatformClassLoader();
	}

	private static boolean canCreate(ValueInstantiator instantiator, boolean fromObject) {
		return fromObject ? instantiator.canCreateUsingDefault() || instantiator.canCreateFromObjectWith()
				|| instantiator.canCreateUsingDelegate() : instantiator.canInstantiate();
	}

	private void checkProperty(SettableBeanProperty property, String path) throws UnreadableTypeException {
		String name = property.getName();
		String propertyPath = path.isEmpty() ? name : path + "." + name;
		if (property.getAnnotation(JsonTypeInfo.class) != null || property.isIgnorable()) {
			return;
		}
		check(property.getType(), property.getValueDeserializer(), propertyPath);
	}

	private static UnreadableTypeException fault(String path, JavaType type, @Nullable String problem, String action) {
		String what = path.isEmpty() ? "it" : "its component " + path;
		return new UnreadableTypeException(what + " is of type " + type.toCanonical() + ", " + problem, action);
	}

}
