package io.pgtask.sample.postgres;

import javax.sql.DataSource;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Runs the application on an embedded PostgreSQL unless it was told of another one: by
 * {@code spring.datasource.url}, by a {@code @ServiceConnection} of a test, or by a
 * {@code DataSource} bean.
 * <p>
 * The beans depend on each other in the order {@code DataSource}, connection details,
 * server, and are therefore destroyed in that order: the server stops when the last
 * connection is closed, long after the workers have ended their steps.
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class,
		afterName = "org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration")
@Conditional(EmbeddedPostgresAutoConfiguration.OnNoOtherDatabase.class)
@EnableConfigurationProperties(EmbeddedPostgresProperties.class)
public final class EmbeddedPostgresAutoConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(EmbeddedPostgres.class);

	@Bean
	EmbeddedPostgres embeddedPostgres(EmbeddedPostgresProperties properties) {
		return EmbeddedPostgres.start(properties);
	}

	@Bean
	JdbcConnectionDetails embeddedPostgresConnectionDetails(EmbeddedPostgres postgres) {
		return new EmbeddedPostgresConnectionDetails(postgres.port());
	}

	@Bean
	ApplicationListener<ApplicationReadyEvent> embeddedPostgresHint(EmbeddedPostgres postgres) {
		return (event) -> logger.info("Look into the database with: {}", PostgresUrls.psql(postgres.port()));
	}

	static class OnNoOtherDatabase extends NoneNestedConditions {

		OnNoOtherDatabase() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnProperty("spring.datasource.url")
		static class UrlIsSet {

		}

		@ConditionalOnBean({ JdbcConnectionDetails.class })
		static class ConnectionDetailsAreGiven {

		}

		@ConditionalOnBean(DataSource.class)
		static class DataSourceIsGiven {

		}

	}

}
