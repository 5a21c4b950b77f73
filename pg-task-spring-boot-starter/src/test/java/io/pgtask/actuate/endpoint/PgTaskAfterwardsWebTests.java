package io.pgtask.actuate.endpoint;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import io.pgtask.TaskAdmin;
import io.pgtask.TaskClient;
import io.pgtask.TaskOptions;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.web.servlet.client.EntityExchangeResult;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PgTaskAfterwards} over HTTP.
 */
@PostgresTest
@TestInstance(Lifecycle.PER_CLASS)
class PgTaskAfterwardsWebTests {

	private final TestDatabase database;

	private final JdbcTemplate jdbc;

	private ConfigurableApplicationContext application;

	PgTaskAfterwardsWebTests(TestDatabase database) {
		this.database = database;
		this.jdbc = new JdbcTemplate(database.dataSource());
	}

	@BeforeAll
	void start() {
		TaskSchema.create(this.database.dataSource());
		this.application = new SpringApplicationBuilder(Producer.class)
			.properties("spring.datasource.url=" + this.database.url(),
					"spring.datasource.username=" + this.database.username(),
					"spring.datasource.password=" + this.database.password(), "server.port=0",
					"spring.main.banner-mode=off", "spring.liquibase.enabled=false", "pg-task.liquibase.enabled=false",
					"pg-task.worker.enabled=false", "pg-task.history.enabled=true", "pg-task.history.state=true",
					"pg-task.dead-letters.after=1h", "pg-task.housekeeping.enabled=false",
					"management.endpoints.web.exposure.include=pgtask",
					"management.endpoint.pgtask.access=unrestricted")
			.run();
	}

	@BeforeEach
	void emptyTables() {
		this.jdbc.execute("TRUNCATE pg_task, pg_task_history, pg_task_dead");
	}

	@AfterAll
	void close() {
		this.application.close();
	}

	@Test
	void endedTasksAreFoundAndShownWithTheirValuesMasked() {
		UUID id = enqueue("secret");
		this.application.getBean(TaskAdmin.class).cancel(id);
		JsonNode page = get("/history?type=Letter&outcome=cancelled&tag=mail&from=2001-01-01T00:00:00Z");
		assertThat(page.get("tasks")).hasSize(1);
		assertThat(page.at("/tasks/0/id").asString()).isEqualTo(id.toString());
		assertThat(page.at("/tasks/0/outcome").asString()).isEqualTo("CANCELLED");
		JsonNode task = get("/history/" + id);
		assertThat(task.get("step").asString()).isEqualTo("Letter");
		assertThat(task.get("stateJson").asString()).isEqualTo("******");
		assertThat(get("/history?outcome=done").get("tasks")).isEmpty();
		assertThat(get("/history?error=ON+REQUEST").get("tasks")).hasSize(1);
		assertThat(get("/history?error=on_request").get("tasks")).isEmpty();
		assertThat(get("/history?limit=1").get("before").asString()).isEqualTo(id.toString());
	}

	@Test
	void whatIsNotUnderstoodOrNotThereIsTold() {
		assertThat(answer(http().get().uri("/history?outcome=lost")).status()).isEqualTo(HttpStatus.BAD_REQUEST);
		assertThat(answer(http().get().uri("/history?from=yesterday")).status()).isEqualTo(HttpStatus.BAD_REQUEST);
		assertThat(answer(http().get().uri("/history/" + UUID.randomUUID())).status()).isEqualTo(HttpStatus.NOT_FOUND);
		assertThat(answer(http().get().uri("/dead/" + UUID.randomUUID())).status()).isEqualTo(HttpStatus.NOT_FOUND);
		assertThat(post("/dead", Map.of("action", "bury")).status()).isEqualTo(HttpStatus.BAD_REQUEST);
	}

	@Test
	void deadTasksComeBackOneByOneOrTogetherAfterAPreview() {
		UUID one = enqueue("one");
		enqueue("two");
		enqueue("three");
		this.jdbc.update("UPDATE pg_task SET error = 'Connection refused', parked_at = now() - interval '2 hours'");
		JsonNode report = JsonMapper.shared().readTree(post("/housekeeping", Map.of()).body());
		assertThat(report.get("performed").asBoolean()).isTrue();
		assertThat(report.get("dead").asInt()).isEqualTo(3);
		assertThat(get("/dead?type=Letter&error=REFUSED").get("tasks")).hasSize(3);
		assertThat(get("/dead?type=Letter&error=connection_refused").get("tasks")).isEmpty();
		assertThat(get("/dead/" + one).get("error").asString()).isEqualTo("******");
		assertThat(post("/dead/" + one, Map.of("action", "redrive")).status()).isEqualTo(HttpStatus.OK);
		assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class)).isEqualTo(1);
		Map<String, String> redrive = Map.of("action", "redrive", "type", "Letter", "error", "refused");
		assertThat(post("/dead", Map.of("action", "redrive", "error", "refused", "preview", "true")).body())
			.contains("\"count\":2");
		assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class)).isEqualTo(1);
		assertThat(post("/dead", redrive).body()).contains("\"count\":2");
		assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class)).isEqualTo(3);
	}

	@Test
	void whatDoesNotSelectDeadTasksIsRefusedRatherThanIgnored() {
		enqueue("one");
		this.jdbc.update("UPDATE pg_task SET error = 'broken', parked_at = now() - interval '2 hours'");
		post("/housekeeping", Map.of());
		for (String parameter : List.of("state", "key", "olderThan", "unchangedFor")) {
			assertThat(post("/dead", Map.of("action", "redrive", parameter, "x")).status())
				.isEqualTo(HttpStatus.BAD_REQUEST);
		}
		assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class)).isZero();
	}

	@Test
	void aDeadTaskIsDeleted() {
		UUID id = enqueue("one");
		this.jdbc.update("UPDATE pg_task SET error = 'broken', parked_at = now() - interval '2 hours'");
		post("/housekeeping", Map.of());
		assertThat(answer(http().delete().uri("/dead/" + id)).status()).isEqualTo(HttpStatus.OK);
		assertThat(get("/history/" + id).get("outcome").asString()).isEqualTo("DELETED");
	}

	private UUID enqueue(String content) {
		return this.application.getBean(TaskClient.class)
			.enqueue(new Letter(content), TaskOptions.DEFAULT.withTags("mail"));
	}

	private JsonNode get(String uri) {
		Answer answer = answer(http().get().uri(uri));
		assertThat(answer.status()).as(uri).isEqualTo(HttpStatus.OK);
		return JsonMapper.shared().readTree(answer.body());
	}

	private Answer post(String uri, Map<String, String> body) {
		return answer(http().post().uri(uri).contentType(MediaType.APPLICATION_JSON).body(body));
	}

	private static Answer answer(RestTestClient.RequestHeadersSpec<?> request) {
		EntityExchangeResult<String> result = request.exchange().returnResult(String.class);
		return new Answer(result.getStatus(), Objects.requireNonNullElse(result.getResponseBody(), ""));
	}

	private RestTestClient http() {
		String port = this.application.getEnvironment().getRequiredProperty("local.server.port");
		return RestTestClient.bindToServer().baseUrl("http://localhost:" + port + "/actuator/pgtask").build();
	}

	private record Answer(HttpStatusCode status, String body) {

	}

	record Letter(String content) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Producer {

	}

}
