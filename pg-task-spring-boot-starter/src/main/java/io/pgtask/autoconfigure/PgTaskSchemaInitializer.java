package io.pgtask.autoconfigure;

import org.springframework.beans.factory.InitializingBean;

/**
 * Migrates pg-task's schema before anything that uses it is made. Deliberately no
 * {@code SpringLiquibase}: Spring Boot's own would back off from a bean of that type, and
 * the application's changelogs would silently not run.
 */
class PgTaskSchemaInitializer implements InitializingBean {

	private final SchemaMigration migration;

	PgTaskSchemaInitializer(SchemaMigration migration) {
		this.migration = migration;
	}

	@Override
	public void afterPropertiesSet() {
		this.migration.run();
	}

}
