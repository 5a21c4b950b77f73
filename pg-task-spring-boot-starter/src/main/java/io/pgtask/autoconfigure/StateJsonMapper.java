package io.pgtask.autoconfigure;

import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;

/**
 * The mapper of the tasks' states, wrapped so that it never competes with the
 * application's {@link JsonMapper} bean.
 *
 * @param mapper the mapper
 */
record StateJsonMapper(JsonMapper mapper) {

	/**
	 * Derive the mapper from that of the application.
	 * @param mappers the application's mappers; without a unique one, a plain one is used
	 * @param customizers the customizers
	 * @return the mapper
	 */
	static StateJsonMapper derive(ObjectProvider<JsonMapper> mappers,
			ObjectProvider<PgTaskJsonMapperCustomizer> customizers) {
		JsonMapper.Builder builder = mappers.getIfUnique(JsonMapper::new).rebuild();
		customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
		return new StateJsonMapper(builder.build());
	}

}
