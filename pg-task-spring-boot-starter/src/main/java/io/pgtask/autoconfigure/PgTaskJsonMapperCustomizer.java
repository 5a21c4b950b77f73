package io.pgtask.autoconfigure;

import tools.jackson.databind.json.JsonMapper;

/**
 * Callback for beans that customize how the states of tasks are written and read, without
 * touching the application's own mapper: additional modules, mix-ins, serializers. What
 * shapes the JSON in general (names, times, nulls) stays fixed, because rows outlive such
 * settings.
 * <p>
 * Rows that are already there must stay readable, also by the nodes that still run the
 * application's previous version.
 */
@FunctionalInterface
public interface PgTaskJsonMapperCustomizer {

	/**
	 * Customize the mapper.
	 * @param builder the builder of the mapper, derived from the application's mapper
	 */
	void customize(JsonMapper.Builder builder);

}
