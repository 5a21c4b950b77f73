package io.pgtask.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import io.pgtask.TaskAdmin;
import io.pgtask.TaskInfo;
import io.pgtask.TaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.resttestclient.autoconfigure.AutoConfigureRestTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The tutorial: a greeter whose file is missing is tried six times, waits with its error,
 * and goes on when the file is there and someone says so.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureRestTestClient
@Import(TestPostgres.class)
@ExtendWith(OutputCaptureExtension.class)
class GreeterStoryTests {

	private static final Duration TIMEOUT = Duration.ofMinutes(1);

	private final String name = "Bob-" + UUID.randomUUID();

	private final Path file = Path.of("greeter-" + this.name + ".txt");

	@Autowired
	private RestTestClient rest;

	@Autowired
	private TaskAdmin tasks;

	@Autowired
	private JdbcClient jdbc;

	@AfterEach
	void deleteFile() throws IOException {
		Files.deleteIfExists(this.file);
	}

	@Test
	void aFileThatIsThereIsGreetedFromAtOnce(CapturedOutput output) throws IOException {
		writeFile();
		awaitGreeting(greet(), output);
	}

	@Test
	void aRequestThatWaitsIsAnsweredWhenTheTaskIsDone(CapturedOutput output) throws IOException {
		writeFile();
		post("/greetings?waitSeconds=30", this.file.toString()).expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.outcome")
			.isEqualTo("DONE");
		assertThat(output).contains("Hello, " + this.name + "!");
	}

	@Test
	void aRequestThatWaitsTooShortlyIsAnsweredWithTheTaskThatGoesOn() {
		Map<?, ?> accepted = Objects
			.requireNonNull(post("/greetings?waitSeconds=0", this.file.toString()).expectStatus()
				.isAccepted()
				.expectBody(Map.class)
				.returnResult()
				.getResponseBody());
		awaitParked(UUID.fromString(String.valueOf(accepted.get("taskId"))));
	}

	@Test
	void aMissingFileIsTriedSixTimesAndTheTaskGoesOnWhenItsErrorIsCleared(CapturedOutput output) throws IOException {
		UUID task = greet();
		TaskInfo parked = awaitParked(task);
		assertThat(parked.step()).isEqualTo("ReadName");
		assertThat(parked.tried()).isEqualTo(6);
		assertThat(parked.error()).contains("NoSuchFileException").contains(this.file.toString());
		writeFile();
		this.jdbc.sql("UPDATE pg_task SET error = NULL WHERE id = :id").param("id", task).update();
		awaitGreeting(task, output);
	}

	@Test
	void aParkedTaskGoesOnWhenItIsRetriedByTheActuator(CapturedOutput output) throws IOException {
		UUID task = greet();
		awaitParked(task);
		this.rest.get()
			.uri("/actuator/pgtask/tasks/{id}", task)
			.exchange()
			.expectBody()
			.jsonPath("$.state")
			.isEqualTo("ERRORED")
			.jsonPath("$.tried")
			.isEqualTo(6);
		writeFile();
		this.rest.post()
			.uri("/actuator/pgtask/tasks/{id}", task)
			.contentType(MediaType.APPLICATION_JSON)
			.body("{\"action\":\"retry\"}")
			.exchange()
			.expectStatus()
			.isOk();
		awaitGreeting(task, output);
	}

	@Test
	void aPathIsRefused() {
		post("../secret").expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.detail")
			.isEqualTo("filename must name a file in the working directory, such as name.txt, but is ../secret");
	}

	@Test
	void healthTellsOfTheWorker() {
		this.rest.get()
			.uri("/actuator/health")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.components.pgTask.status")
			.isEqualTo("UP");
	}

	private UUID greet() {
		Map<?, ?> accepted = Objects.requireNonNull(post(this.file.toString()).expectStatus()
			.isAccepted()
			.expectBody(Map.class)
			.returnResult()
			.getResponseBody());
		return UUID.fromString(String.valueOf(accepted.get("taskId")));
	}

	private RestTestClient.ResponseSpec post(String filename) {
		return post("/greetings", filename);
	}

	private RestTestClient.ResponseSpec post(String uri, String filename) {
		return this.rest.post()
			.uri(uri)
			.contentType(MediaType.APPLICATION_JSON)
			.body("{\"filename\":\"%s\"}".formatted(filename))
			.exchange();
	}

	private void writeFile() throws IOException {
		Files.writeString(this.file, this.name + "\n");
	}

	private TaskInfo awaitParked(UUID task) {
		return await().atMost(TIMEOUT)
			.until(() -> this.tasks.find(task).orElseThrow(), (found) -> found.state() == TaskState.ERRORED);
	}

	private void awaitGreeting(UUID task, CapturedOutput output) {
		await().atMost(TIMEOUT).untilAsserted(() -> assertThat(this.tasks.find(task)).isEmpty());
		assertThat(output).contains("Hello, " + this.name + "!");
	}

}
