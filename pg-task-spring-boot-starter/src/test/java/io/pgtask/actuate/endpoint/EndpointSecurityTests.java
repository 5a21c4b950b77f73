package io.pgtask.actuate.endpoint;

import java.util.List;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.web.servlet.client.EntityExchangeResult;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Asks the endpoint of an application that is configured by nothing but its exposure.
 */
@PostgresTest
@TestInstance(Lifecycle.PER_CLASS)
class EndpointSecurityTests {

	private static final String SECRET = "hunter2";

	private static final UUID ID = UUID.fromString("0198c0de-0000-7000-8000-000000000001");

	private static final List<String> HOSTILE = List.of("'", "\"", "\\", "\\u0000", "\0", "\ud83c", "$$", "--", "/*",
			"%", "_", "%00", "?", ":name", "{table}", "';DROP TABLE pg_task;--", "1 OR 1=1", "../..", "\n", "🎉",
			"\u202e", "${jndi:ldap://x}", "x".repeat(3000), "-1", "99999999999999999999", "PT-1S", "P999999999D",
			"+999999999-12-31T23:59:59Z", "NaN", "");

	private final JdbcTemplate jdbc;

	private final ConfigurableApplicationContext application;

	private final RestTestClient client;

	EndpointSecurityTests(TestDatabase database) {
		this.jdbc = new JdbcTemplate(database.dataSource());
		TaskSchema.create(database.dataSource());
		this.application = new SpringApplicationBuilder(Application.class)
			.properties("spring.datasource.url=" + database.url(), "spring.datasource.username=" + database.username(),
					"spring.datasource.password=" + database.password(), "server.port=0",
					"spring.liquibase.enabled=false", "pg-task.history.enabled=true", "pg-task.history.state=true",
					"pg-task.dead-letters.after=7d", "pg-task.housekeeping.enabled=false",
					"management.endpoints.web.exposure.include=*")
			.run();
		this.client = RestTestClient.bindToServer()
			.baseUrl("http://localhost:" + this.application.getEnvironment().getProperty("local.server.port"))
			.build();
	}

	@BeforeAll
	void insertSecrets() {
		this.jdbc.execute(
				"""
						INSERT INTO pg_task (id, step, error, last_error, headers, unique_key, failures, passed)
						VALUES ('%1$s', '{"Vault":{"Open":{"code":"%2$s"}}}', '%2$s', '%2$s', '{"token":"%2$s"}', '%2$s',
							'[{"at":"2026-01-02T03:04:05Z","attempt":1,"delivery":1,"error":"%2$s","stack_trace":"%2$s"}]',
							'[{"step":"Open","state":"%2$s"}]');
						INSERT INTO pg_task (step, error, headers) VALUES ('%2$s', '%2$s', '"%2$s"');
						INSERT INTO pg_task_history (id, task, step, outcome, state, error, failures, headers, unique_key, tried,
							delivery, priority, created_at, ended_at)
						SELECT id, task, 'Open', 'CANCELLED', step, error, failures, headers, unique_key, 0, 1, 4, now(), now()
						FROM pg_task;
						INSERT INTO pg_task_dead (id, task, step, error, failures, headers, unique_key, tried, delivery, priority,
							created_at, parked_at)
						SELECT id, task, step, error, failures, headers, unique_key, 0, 1, 4, now(), now() FROM pg_task;
						INSERT INTO pg_task_paused (task, reason) VALUES ('Vault', 'closed')"""
					.formatted(ID, SECRET));
	}

	@AfterAll
	void close() {
		this.application.close();
	}

	@Test
	void noAnswerShowsWhatTasksHoldUnlessItIsConfigured() {
		for (String path : List.of("", "/tasks", "/tasks/" + ID, "/tasks?error=" + SECRET, "/history", "/history/" + ID,
				"/dead", "/dead/" + ID, "/dead?error=" + SECRET, "/worker", "/types", "/tasks?state=errored")) {
			assertThat(body(get(path))).as(path).isNotEmpty().doesNotContain(SECRET);
		}
		assertThat(body(get("/tasks/" + ID))).contains("******");
		for (String path : List.of("/actuator/health", "/actuator/metrics", "/actuator/metrics/pg.task.tasks",
				"/actuator/env", "/actuator/configprops", "/actuator/beans")) {
			assertThat(body(this.client.get().uri(path).exchange().expectBody(String.class).returnResult())).as(path)
				.doesNotContain(SECRET);
		}
	}

	@Test
	void nothingCanBeChangedUnlessItIsConfigured() {
		List<String> before = rows();
		for (HttpMethod method : List.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE)) {
			for (String path : List.of("", "/tasks", "/tasks/" + ID, "/types/Vault", "/dead", "/dead/" + ID,
					"/housekeeping", "/worker")) {
				EntityExchangeResult<String> result = this.client.method(method)
					.uri("/actuator/pgtask" + path)
					.contentType(MediaType.APPLICATION_JSON)
					.body("{\"action\":\"delete\",\"state\":\"stopped\",\"type\":\"Vault\"}")
					.exchange()
					.expectBody(String.class)
					.returnResult();
				assertThat(result.getStatus().value()).as(method + " " + path).isIn(404, 405);
			}
		}
		assertThat(rows()).isEqualTo(before);
	}

	@Test
	void hostileParametersAreAnsweredAndReachNoStatement() {
		List<String> before = rows();
		for (String text : HOSTILE) {
			for (String parameter : List.of("type", "step", "state", "tag", "key", "error", "olderThan", "unchangedFor",
					"outcome", "from", "to", "before", "limit")) {
				for (String section : List.of("tasks", "history", "dead")) {
					EntityExchangeResult<String> result = this.client.get()
						.uri("/actuator/pgtask/{section}?{parameter}={text}", section, parameter, text)
						.exchange()
						.expectBody(String.class)
						.returnResult();
					assertThat(result.getStatus().value()).as("%s?%s=%s: %s", section, parameter, text, body(result))
						.isIn(200, 400);
				}
			}
		}
		assertThat(rows()).isEqualTo(before);
	}

	private EntityExchangeResult<String> get(String path) {
		return this.client.get().uri("/actuator/pgtask" + path).exchange().expectBody(String.class).returnResult();
	}

	private static String body(EntityExchangeResult<String> result) {
		return String.valueOf(result.getResponseBody());
	}

	private List<String> rows() {
		return this.jdbc.queryForList("""
				SELECT t::text FROM pg_task t UNION ALL SELECT d::text FROM pg_task_dead d
				UNION ALL SELECT p::text FROM pg_task_paused p ORDER BY 1""", String.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
