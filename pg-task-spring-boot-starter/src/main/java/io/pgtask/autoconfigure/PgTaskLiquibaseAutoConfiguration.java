package io.pgtask.autoconfigure;

import liquibase.change.DatabaseChange;
import liquibase.integration.spring.SpringLiquibase;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the migration of pg-task's
 * schema. It needs neither Spring Boot's own Liquibase auto-configuration nor a changelog
 * of the application, and leaves both alone.
 */
@AutoConfiguration(after = PgTaskAutoConfiguration.class)
@ConditionalOnClass({ SpringLiquibase.class, DatabaseChange.class })
@ConditionalOnBooleanProperty(name = "pg-task.liquibase.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "pg-task.read-only", havingValue = false, matchIfMissing = true)
@Import(DatabaseInitializationDependencyConfigurer.class)
@ImportRuntimeHints(PgTaskLiquibaseAutoConfiguration.SchemaHints.class)
public final class PgTaskLiquibaseAutoConfiguration {

	@Bean
	PgTaskSchemaInitializer pgTaskSchemaInitializer(PgTaskDatabase database, PgTaskProperties properties) {
		return new PgTaskSchemaInitializer(
				new SchemaMigration(database.dataSource(), database.table(), properties.sharedWithRust()));
	}

	static class SchemaHints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.resources().registerPattern("io/pgtask/db/*");
		}

	}

}
