package io.pgtask.codec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.OptBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.Version;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;

/**
 * Makes the components of records required unless they are nullable, both ways: what
 * could not be read is not written either. And makes records faster.
 */
final class RecordModule extends JacksonModule {

	@Override
	public String getModuleName() {
		return RecordModule.class.getName();
	}

	@Override
	public Version version() {
		return Version.unknownVersion();
	}

	@Override
	public void setupModule(SetupContext context) {
		context.insertAnnotationIntrospector(new Introspector());
		context.addValueInstantiators(new RecordInstantiators());
	}

	private static final class Introspector extends NopAnnotationIntrospector {

		private static final long serialVersionUID = 1L;

		@Override
		public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
			ComponentNullness nullness = ComponentNullness.of(member);
			if (nullness == null || nullness == ComponentNullness.NULLABLE || mayBeMissing(member, nullness)) {
				return null;
			}
			return Boolean.TRUE;
		}

		@Override
		public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
			boolean required = ComponentNullness.of(annotated) == ComponentNullness.NON_NULL;
			if (!required || annotated.hasAnnotation(JsonSetter.class)) {
				return JsonSetter.Value.empty();
			}
			if (!mayBeMissing(annotated, ComponentNullness.NON_NULL)) {
				return JsonSetter.Value.forValueNulls(Nulls.FAIL);
			}
			// Jackson takes what is missing for null, which a primitive cannot be.
			return annotated.getRawType().isPrimitive() ? JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY)
					: JsonSetter.Value.empty();
		}

		@Override
		public @Nullable Object findNullSerializer(MapperConfig<?> config, Annotated annotated) {
			return (ComponentNullness.of(annotated) == ComponentNullness.NON_NULL) ? new NullRefusal() : null;
		}

		/** An explicit annotation of Jackson wins over what the language says. */
		private static boolean mayBeMissing(Annotated annotated, ComponentNullness nullness) {
			JsonProperty property = annotated.getAnnotation(JsonProperty.class);
			if (property != null && property.isRequired() == OptBoolean.FALSE) {
				return true;
			}
			return switch (inclusionOf(annotated)) {
				case ALWAYS, USE_DEFAULTS -> false;
				case NON_NULL, NON_ABSENT -> nullness != ComponentNullness.NON_NULL;
				case NON_EMPTY, NON_DEFAULT, CUSTOM -> true;
			};
		}

		private static JsonInclude.Include inclusionOf(Annotated annotated) {
			JsonInclude inclusion = annotated.getAnnotation(JsonInclude.class);
			if (inclusion == null && annotated instanceof AnnotatedMember member) {
				inclusion = member.getDeclaringClass().getAnnotation(JsonInclude.class);
			}
			return (inclusion != null) ? inclusion.value() : JsonInclude.Include.ALWAYS;
		}

	}

	private static final class NullRefusal extends ValueSerializer<Object> {

		@Override
		public void serialize(@Nullable Object value, JsonGenerator generator, SerializationContext context) {
			context.reportMappingProblem("it is null, but neither @Nullable nor an Optional");
		}

	}

}
