package io.pgtask.codec;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.StdDateFormat;

import org.springframework.util.ClassUtils;

/**
 * The mapper of the states: the application's own with its modules and mix-ins, but with
 * fixed settings wherever a setting shapes the JSON. Rows outlive the settings of a web
 * API, so these must not reach them.
 */
final class StateMapper {

	private static final String KOTLIN_MODULE = "tools.jackson.module.kotlin.KotlinModule";

	private StateMapper() {
	}

	static JsonMapper from(JsonMapper base) {
		JsonMapper.Builder builder = base.rebuild();
		shapeObjects(builder);
		shapeValues(builder);
		readLeniently(builder);
		if (base.registeredModules().stream().noneMatch(StateMapper::isKotlinModule)
				&& ClassUtils.isPresent(KOTLIN_MODULE, StateMapper.class.getClassLoader())) {
			builder.addModule(createKotlinModule());
		}
		return builder.addModule(new RecordModule()).build();
	}

	private static boolean isKotlinModule(JacksonModule module) {
		return module.getClass().getName().equals(KOTLIN_MODULE);
	}

	private static JacksonModule createKotlinModule() {
		try {
			return (JacksonModule) ClassUtils.forName(KOTLIN_MODULE, StateMapper.class.getClassLoader())
				.getConstructor()
				.newInstance();
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("The module of Jackson for Kotlin cannot be created", ex);
		}
	}

	private static void shapeObjects(JsonMapper.Builder builder) {
		builder.propertyNamingStrategy(null)
			.changeDefaultPropertyInclusion(
					(inclusion) -> JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS))
			.enable(MapperFeature.INFER_RECORD_GETTERS_FROM_COMPONENTS_ONLY, MapperFeature.DETECT_PARAMETER_NAMES,
					MapperFeature.USE_ANNOTATIONS)
			.disable(SerializationFeature.WRAP_ROOT_VALUE, SerializationFeature.INDENT_OUTPUT,
					SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED,
					SerializationFeature.WRITE_SELF_REFERENCES_AS_NULL, SerializationFeature.FAIL_ON_EMPTY_BEANS)
			.enable(SerializationFeature.FAIL_ON_SELF_REFERENCES, SerializationFeature.WRITE_EMPTY_JSON_ARRAYS,
					SerializationFeature.WRAP_EXCEPTIONS)
			.deactivateDefaultTyping()
			.disable(StreamWriteFeature.IGNORE_UNKNOWN)
			.enable(JsonWriteFeature.QUOTE_PROPERTY_NAMES)
			.disable(JsonWriteFeature.ESCAPE_NON_ASCII, JsonWriteFeature.WRITE_NUMBERS_AS_STRINGS);
	}

	private static void shapeValues(JsonMapper.Builder builder) {
		builder.defaultDateFormat(new StdDateFormat())
			.defaultBase64Variant(Base64Variants.MIME_NO_LINEFEEDS)
			.enumNamingStrategy(null)
			.enable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
			.disable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
			.enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID, DateTimeFeature.ONE_BASED_MONTHS)
			.disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.WRITE_DATE_KEYS_AS_TIMESTAMPS,
					DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS, DateTimeFeature.TRUNCATE_TO_MSECS_ON_READ,
					DateTimeFeature.TRUNCATE_TO_MSECS_ON_WRITE, DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
					DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE, DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID,
					DateTimeFeature.WRITE_UTC_AS_OFFSET)
			.disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING, EnumFeature.READ_ENUMS_USING_TO_STRING,
					EnumFeature.WRITE_ENUMS_USING_INDEX, EnumFeature.WRITE_ENUM_KEYS_USING_INDEX,
					EnumFeature.WRITE_ENUMS_TO_LOWERCASE);
	}

	/** What old rows need, and what must not be demanded beyond {@link RecordModule}. */
	private static void readLeniently(JsonMapper.Builder builder) {
		builder.enable(EnumFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
			.disable(EnumFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
			.enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, DeserializationFeature.WRAP_EXCEPTIONS)
			.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
					DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES,
					DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
					DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES, DeserializationFeature.UNWRAP_ROOT_VALUE,
					// The state is only a part of the text, whose end the codec checks.
					DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
			.disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION);
	}

}
