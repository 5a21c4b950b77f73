package io.pgtask.actuate.endpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.web.servlet.client.EntityExchangeResult;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sends the requests of {@code docs/operations.md}, in its order: each is understood.
 */
@PostgresTest
@TestInstance(Lifecycle.PER_CLASS)
class OperationsGuideWebTests {

	private static final Path GUIDE = Path.of("../docs/operations.md");

	private static final Pattern GET = Pattern.compile("(?m)^curl -s \"?\\$pgtask(\\S*?)\"?$");

	private static final Pattern POST = Pattern.compile("(?m)^act \\$pgtask(\\S+) -d '(.*)'$");

	private final TestDatabase database;

	private final JdbcTemplate jdbc;

	private final ConfigurableApplicationContext application;

	OperationsGuideWebTests(TestDatabase database) {
		this.database = database;
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.application = start();
	}

	@AfterAll
	void closeApplication() {
		this.application.close();
	}

	@Test
	void everyRequestOfTheGuideIsAnswered() throws IOException {
		List<MatchResult> requests = GET.matcher(Files.readString(GUIDE)).results().toList();
		assertThat(requests).hasSizeGreaterThanOrEqualTo(4);
		for (MatchResult request : requests) {
			String uri = request.group(1).replace("<id>", park().toString());
			EntityExchangeResult<String> result = http().get().uri(uri).exchange().returnResult(String.class);
			assertThat(result.getStatus().value()).as(uri).isEqualTo(200);
		}
	}

	@Test
	void everyActionOfTheGuideIsCarriedOut() throws IOException {
		List<MatchResult> requests = POST.matcher(Files.readString(GUIDE)).results().toList();
		assertThat(requests).hasSizeGreaterThanOrEqualTo(12);
		for (MatchResult request : requests) {
			String uri = request.group(1).replace("<id>", park().toString());
			EntityExchangeResult<String> result = http().post()
				.uri(uri)
				.contentType(MediaType.APPLICATION_JSON)
				.body(request.group(2))
				.exchange()
				.returnResult(String.class);
			assertThat(result.getStatus()).as("%s %s: %s", uri, request.group(2), result.getResponseBody())
				.matches(HttpStatusCode::is2xxSuccessful);
		}
	}

	private UUID park() {
		UUID id = UUID.randomUUID();
		this.jdbc.update("""
				INSERT INTO pg_task (id, step, error, parked_at)
				VALUES (?, '{"Greeter":{"ReadName":{"filename":"nmae.txt"}}}', 'no such file', now())""", id);
		return id;
	}

	private RestTestClient http() {
		String port = this.application.getEnvironment().getRequiredProperty("local.server.port");
		return RestTestClient.bindToServer().baseUrl("http://localhost:" + port + "/actuator/pgtask").build();
	}

	private ConfigurableApplicationContext start() {
		TaskSchema.create(this.database.dataSource());
		return new SpringApplicationBuilder(Greetings.class)
			.properties("spring.datasource.url=" + this.database.url(),
					"spring.datasource.username=" + this.database.username(),
					"spring.datasource.password=" + this.database.password(), "server.port=0",
					"spring.main.banner-mode=off", "spring.liquibase.enabled=false", "pg-task.liquibase.enabled=false",
					"pg-task.worker.auto-startup=false", "management.endpoints.web.exposure.include=pgtask",
					"management.endpoint.pgtask.access=unrestricted")
			.run();
	}

	sealed interface Greeter {

		record ReadName(String filename) implements Greeter {
		}

		record SayHello(String name) implements Greeter {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Greetings {

		@Bean
		@TaskStep
		Step<Greeter, Greeter.ReadName> readName() {
			return (state, context) -> NextStep.done();
		}

		@Bean
		@TaskStep
		Step<Greeter, Greeter.SayHello> sayHello() {
			return (state, context) -> NextStep.done();
		}

	}

}
