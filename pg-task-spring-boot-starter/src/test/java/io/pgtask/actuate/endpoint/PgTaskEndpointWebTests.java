package io.pgtask.actuate.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.OnConflict;
import io.pgtask.TaskClient;
import io.pgtask.TaskOptions;
import io.pgtask.TaskStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.web.servlet.client.EntityExchangeResult;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PgTaskEndpoint} and {@link PgTaskEndpointWebExtension} over HTTP.
 */
@PostgresTest
@TestInstance(Lifecycle.PER_CLASS)
class PgTaskEndpointWebTests {

	private static final String MASKED = "******";

	private final TestDatabase database;

	private final JdbcTemplate jdbc;

	private final Map<String, ConfigurableApplicationContext> applications = new ConcurrentHashMap<>();

	PgTaskEndpointWebTests(TestDatabase database) {
		this.database = database;
		this.jdbc = new JdbcTemplate(database.dataSource());
	}

	@BeforeAll
	void createTable() {
		TaskSchema.create(this.database.dataSource());
	}

	@BeforeEach
	void deleteTasks() {
		this.jdbc.execute("TRUNCATE pg_task, pg_task_paused");
	}

	@AfterAll
	void closeApplications() {
		this.applications.values().forEach(ConfigurableApplicationContext::close);
	}

	@Test
	void theOverviewShowsTheTasksByTypeAndTheWorker() {
		client().enqueue(new Parcel.Pack("book"));
		client().delay(new Parcel.Ship("book"), Duration.ofHours(1));
		park(client().enqueue(new Parcel.Ship("vase")), "broken");
		this.jdbc.update("INSERT INTO pg_task (step) VALUES ('what?')");
		JsonNode overview = readOnly().get("");
		JsonNode parcels = overview.at("/types/Parcel");
		assertThat(parcels.get("steps")).hasToString("[\"Pack\",\"Ship\"]");
		assertThat(parcels.get("ready").asInt()).isEqualTo(1);
		assertThat(parcels.get("scheduled").asInt()).isEqualTo(1);
		assertThat(parcels.get("running").asInt()).isZero();
		assertThat(parcels.get("errored").asInt()).isEqualTo(1);
		assertThat(Duration.parse(parcels.get("oldestReady").asString())).isPositive();
		assertThat(overview.at("/untyped/ready").asInt()).isEqualTo(1);
		assertThat(overview.at("/worker/state").asString()).isEqualTo("STOPPED");
		assertThat(overview.at("/worker/settings/concurrency").asInt()).isEqualTo(6);
	}

	@Test
	void tasksAreFoundByTypeStepAndState() {
		UUID packing = client().enqueue(new Parcel.Pack("book"));
		UUID shipping = client().delay(new Parcel.Ship("book"), Duration.ofHours(1));
		assertThat(ids(readOnly().get("/tasks"))).containsExactly(shipping, packing);
		assertThat(ids(readOnly().get("/tasks?type=Parcel&step=Pack"))).containsExactly(packing);
		assertThat(ids(readOnly().get("/tasks?state=scheduled"))).containsExactly(shipping);
		assertThat(ids(readOnly().get("/tasks?type=Parcel&state=READY"))).containsExactly(packing);
		assertThat(ids(readOnly().get("/tasks?type=Letter"))).isEmpty();
	}

	@Test
	void tasksAreFoundByTheirTag() {
		client().enqueue(new Parcel.Pack("book"));
		UUID tagged = client().enqueue(new Parcel.Pack("vase"),
				TaskOptions.DEFAULT.withTags("fragile", "blue").withUniqueKey("a secret present", OnConflict.KEEP));
		assertThat(ids(readOnly().get("/tasks?tag=fragile"))).containsExactly(tagged);
		assertThat(ids(readOnly().get("/tasks?tag=red"))).isEmpty();
		JsonNode task = readOnly().get("/tasks/" + tagged);
		assertThat(task.get("tags")).hasToString("[\"blue\",\"fragile\"]");
		assertThat(task.get("uniqueKey").asString()).isEqualTo(MASKED);
	}

	@Test
	void aReservedTaskIsShownAsHeld() {
		UUID reserved = client().reserve(new Parcel.Pack("book"), TaskOptions.DEFAULT, Duration.ofHours(1));
		assertThat(ids(readOnly().get("/tasks?state=held"))).containsExactly(reserved);
		assertThat(ids(readOnly().get("/tasks?state=scheduled"))).isEmpty();
		JsonNode task = readOnly().get("/tasks/" + reserved);
		assertThat(task.get("hold").asString()).isEqualTo("reserved");
		assertThat(Instant.parse(task.get("heldUntil").asString()))
			.isAfter(Instant.parse(task.get("wakeupAt").asString()));
		assertThat(readOnly().get("").at("/types/Parcel/held").asInt()).isEqualTo(1);
	}

	@Test
	void pagesFollowEachOther() {
		UUID first = client().enqueue(new Parcel.Pack("book"));
		UUID second = client().enqueue(new Parcel.Pack("vase"));
		UUID third = client().enqueue(new Parcel.Pack("lamp"));
		JsonNode page = readOnly().get("/tasks?limit=2");
		assertThat(ids(page)).containsExactly(third, second);
		JsonNode next = readOnly().get("/tasks?limit=2&before=" + page.get("before").asString());
		assertThat(ids(next)).containsExactly(first);
		assertThat(next.has("before")).isFalse();
	}

	@Test
	void aTaskIsShownWithItsValuesMasked() {
		UUID id = client().enqueue(new Parcel.Pack("a secret present"));
		park(id, "no more a secret present");
		JsonNode task = readOnly().get("/tasks/" + id);
		assertThat(task.get("id").asString()).isEqualTo(id.toString());
		assertThat(task.get("type").asString()).isEqualTo("Parcel");
		assertThat(task.get("step").asString()).isEqualTo("Pack");
		assertThat(task.get("state").asString()).isEqualTo("ERRORED");
		assertThat(task.get("stateJson").asString()).isEqualTo(MASKED);
		assertThat(task.get("error").asString()).isEqualTo(MASKED);
		assertThat(task.toString()).doesNotContain("secret present");
	}

	@Test
	void theFailedAttemptsOfATaskAreShownAndMaskedLikeItsError() {
		UUID id = client().enqueue(new Parcel.Pack("a book"));
		this.jdbc
			.update("""
					UPDATE pg_task SET postponed = 2, failures = '[{"at": "2020-01-02T03:04:05+00:00", "attempt": 1, "delivery": 2,
						"worker": "me", "took_ms": 12, "error": "out of secret paper", "stack_trace": "at a secret place"}]'""");
		JsonNode masked = readOnly().get("/tasks/" + id);
		assertThat(masked.get("postponed").asInt()).isEqualTo(2);
		assertThat(masked.at("/failures/0/attempt").asInt()).isEqualTo(1);
		assertThat(masked.at("/failures/0/delivery").asInt()).isEqualTo(2);
		assertThat(masked.at("/failures/0/worker").asString()).isEqualTo("me");
		assertThat(Instant.parse(masked.at("/failures/0/at").asString())).isEqualTo("2020-01-02T03:04:05Z");
		assertThat(Duration.parse(masked.at("/failures/0/took").asString())).hasMillis(12);
		assertThat(masked.at("/failures/0/error").asString()).isEqualTo(MASKED);
		assertThat(masked.toString()).doesNotContain("secret");
		JsonNode shown = unrestricted().get("/tasks/" + id);
		assertThat(shown.at("/failures/0/error").asString()).isEqualTo("out of secret paper");
		assertThat(shown.at("/failures/0/stackTrace").asString()).isEqualTo("at a secret place");
		assertThat(readOnly().get("/tasks").at("/tasks/0").has("failures")).isFalse();
	}

	@Test
	void aListMasksValuesToo() {
		park(client().enqueue(new Parcel.Pack("a secret present")), "no more a secret present");
		JsonNode list = readOnly().get("/tasks");
		assertThat(list.at("/tasks/0/error").asString()).isEqualTo(MASKED);
		assertThat(list.toString()).doesNotContain("secret present");
	}

	@Test
	void valuesAreShownIfConfiguredAndStillSanitizedByTheApplication() {
		UUID id = client().enqueue(new Parcel.Pack("a book"));
		park(id, "out of paper");
		JsonNode task = unrestricted().get("/tasks/" + id);
		assertThat(task.at("/stateJson/content").asString()).isEqualTo("a book");
		assertThat(task.at("/stateJson/password").asString()).isEqualTo(MASKED);
		assertThat(task.get("error").asString()).isEqualTo("out of paper");
	}

	@Test
	void aRowThatIsNotJsonIsShownAsItIs() {
		UUID id = this.jdbc.queryForObject("INSERT INTO pg_task (step) VALUES ('what?') RETURNING id", UUID.class);
		assertThat(unrestricted().get("/tasks/" + id).get("stateJson").asString()).isEqualTo("what?");
	}

	@Test
	void badParametersAreAnsweredWithWhatIsWrong() {
		readOnly().assertRefused("/tasks?state=sleeping", HttpStatus.BAD_REQUEST,
				"The parameter state must be one of ready, scheduled, held, running, errored but is 'sleeping'");
		readOnly().assertRefused("/tasks?limit=1001", HttpStatus.BAD_REQUEST,
				"The parameter limit must be between 1 and 1000 but is '1001'");
		readOnly().assertRefused("/tasks?limit=many", HttpStatus.BAD_REQUEST,
				"The parameter limit must be between 1 and 1000 but is 'many'");
		readOnly().assertRefused("/tasks?before=7", HttpStatus.BAD_REQUEST,
				"The before must be the id of a task but is '7'");
		readOnly().assertRefused("/tasks/7", HttpStatus.BAD_REQUEST, "The id must be the id of a task but is '7'");
	}

	@Test
	void whatIsNotThereIsNotFound() {
		readOnly().assertRefused("/tasks/" + UUID.randomUUID(), HttpStatus.NOT_FOUND,
				"There is no such task: it has ended, or never existed");
		readOnly().assertRefused("/jobs", HttpStatus.NOT_FOUND,
				"There is no 'jobs' here, only tasks, types, worker, history, dead and housekeeping");
		readOnly().assertRefused("/jobs/7", HttpStatus.NOT_FOUND,
				"There is no 'jobs' here, only tasks, types, worker, history, dead and housekeeping");
	}

	@Test
	void byDefaultNothingCanBeChanged() {
		UUID id = client().enqueue(new Parcel.Pack("book"));
		assertThat(readOnly().delete("/tasks/" + id).status()).isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
		assertThat(readOnly().post("/tasks/" + id, Map.of("action", "cancel")).status())
			.isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
		assertThat(readOnly().post("/worker", Map.of("state", "running")).status())
			.isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
		assertThat(countTasks()).isOne();
	}

	@Test
	void aParkedTaskIsRetriedAndNoOther() {
		UUID id = client().enqueue(new Parcel.Pack("book"));
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "retry")))
			.isEqualTo(new Answer(HttpStatus.CONFLICT,
					"The task is not parked with an error, or was retried meanwhile; nothing was changed"));
		park(id, "out of paper");
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "retry")))
			.isEqualTo(new Answer(HttpStatus.OK, "The task will run again from the step it stopped at"));
		assertThat(this.jdbc.queryForObject("SELECT error FROM pg_task", String.class)).isNull();
	}

	@Test
	void aWaitingTaskIsCancelledAndARunningOneIsAskedToEnd() {
		UUID id = client().enqueue(new Parcel.Pack("book"));
		this.jdbc.update("UPDATE pg_task SET locked_by = ?, lock_expires_at = now() + interval '1 hour'",
				UUID.randomUUID());
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "cancel")))
			.isEqualTo(new Answer(HttpStatus.ACCEPTED, "A worker holds the task, and was asked to end it"));
		assertThat(unrestricted().get("/tasks/" + id).has("cancelRequestedAt")).isTrue();
		assertThat(unrestricted().delete("/tasks/" + id))
			.isEqualTo(new Answer(HttpStatus.CONFLICT, "A worker holds the task; nothing was changed"));
		this.jdbc.update("UPDATE pg_task SET locked_by = NULL, lock_expires_at = NULL");
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "cancel")))
			.isEqualTo(new Answer(HttpStatus.OK, "The task has been cancelled"));
		assertThat(countTasks()).isZero();
	}

	@Test
	void aWaitingTaskIsDeleted() {
		UUID id = client().enqueue(new Parcel.Pack("book"));
		assertThat(unrestricted().delete("/tasks/" + id))
			.isEqualTo(new Answer(HttpStatus.OK, "The task has been deleted"));
		assertThat(countTasks()).isZero();
		assertThat(unrestricted().delete("/tasks/" + id).status()).isEqualTo(HttpStatus.NOT_FOUND);
	}

	@Test
	void aWaitingTaskIsRescheduled() {
		UUID id = client().enqueue(new Parcel.Pack("book"));
		assertThat(
				unrestricted().post("/tasks/" + id, Map.of("action", "reschedule", "at", "2199-12-31T23:59:59+01:00")))
			.isEqualTo(new Answer(HttpStatus.OK, "The task is due at its new time"));
		assertThat(this.jdbc.queryForObject("SELECT wakeup_at = '2199-12-31T22:59:59Z' FROM pg_task", Boolean.class))
			.isTrue();
	}

	@Test
	void anActionThatIsNotUnderstoodChangesNothing() {
		String task = "/tasks/" + client().enqueue(new Parcel.Pack("book"));
		assertThat(unrestricted().post(task, Map.of())).isEqualTo(new Answer(HttpStatus.BAD_REQUEST,
				"The parameter action is missing: one of retry, resume, cancel, delete, reschedule, prioritize"));
		assertThat(unrestricted().post(task, Map.of("action", "explode"))).isEqualTo(new Answer(HttpStatus.BAD_REQUEST,
				"The parameter action must be one of retry, resume, cancel, delete, reschedule, prioritize but is 'explode'"));
		assertThat(unrestricted().post(task, Map.of("action", "reschedule"))).isEqualTo(
				new Answer(HttpStatus.BAD_REQUEST, "The parameter at is missing: a time such as 2030-12-31T23:59:59Z"));
		assertThat(unrestricted().post(task, Map.of("action", "reschedule", "at", "tomorrow")))
			.isEqualTo(new Answer(HttpStatus.BAD_REQUEST,
					"The parameter at must be a time with its zone, such as 2030-12-31T23:59:59Z, but is 'tomorrow'"));
		assertThat(
				unrestricted().post(task, Map.of("action", "reschedule", "at", "+999999999-12-31T23:59:59Z")).status())
			.isEqualTo(HttpStatus.BAD_REQUEST);
		assertThat(unrestricted().post("/worker", Map.of("state", "asleep"))).isEqualTo(new Answer(
				HttpStatus.BAD_REQUEST, "The parameter state must be one of running, stopped but is 'asleep'"));
		assertThat(unrestricted().post("/jobs", Map.of("state", "running"))).isEqualTo(new Answer(HttpStatus.NOT_FOUND,
				"There is no 'jobs' here, only tasks, types, worker, history, dead and housekeeping"));
		assertThat(countTasks()).isOne();
	}

	@Test
	void theWorkerIsStartedAndStopped() {
		client().enqueue(new Parcel.Pack("book"));
		assertThat(unrestricted().post("/worker", Map.of("state", "running")))
			.isEqualTo(new Answer(HttpStatus.OK, "The worker runs"));
		await().untilAsserted(() -> assertThat(countTasks()).isZero());
		assertThat(unrestricted().post("/worker", Map.of("state", "stopped"))).isEqualTo(new Answer(HttpStatus.OK,
				"The worker claims nothing more, and stops when its running steps have finished"));
		await().untilAsserted(
				() -> assertThat(unrestricted().get("/worker").get("state").asString()).isEqualTo("STOPPED"));
	}

	@Test
	void aNodeWithoutAWorkerSaysSo() {
		Client producer = application("pg-task.worker.enabled=false", "management.endpoint.pgtask.access=unrestricted");
		String message = "This node has no worker: pg-task.worker.enabled is false, or no bean is annotated with @TaskStep";
		producer.assertRefused("/worker", HttpStatus.NOT_FOUND, message);
		assertThat(producer.post("/worker", Map.of("state", "running")))
			.isEqualTo(new Answer(HttpStatus.NOT_FOUND, message));
		assertThat(producer.get("").has("worker")).isFalse();
		UUID id = client().enqueue(new Parcel.Pack("book"));
		park(id, "broken");
		assertThat(producer.post("/tasks/" + id, Map.of("action", "retry", "stateJson", "{}"))).isEqualTo(new Answer(
				HttpStatus.BAD_REQUEST, "The task cannot run with this state: no task type 'Parcel' is known here"));
	}

	@Test
	void aParkedTaskIsRetriedWithAnotherState() {
		UUID id = client().enqueue(new Parcel.Pack("bok"));
		park(id, "no such thing");
		Answer refusal = unrestricted().post("/tasks/" + id,
				Map.of("action", "retry", "stateJson", "{\"content\":[]}"));
		assertThat(refusal.status()).isEqualTo(HttpStatus.BAD_REQUEST);
		assertThat(refusal.message()).startsWith("The task cannot run with this state: ");
		assertThat(unrestricted().post("/tasks/" + id,
				Map.of("action", "retry", "stateJson", "{\"content\":\"book\",\"password\":\"x\"}")))
			.isEqualTo(new Answer(HttpStatus.OK, "The task will run again from the step it stopped at"));
		assertThat(unrestricted().get("/tasks/" + id).at("/stateJson/content").asString()).isEqualTo("book");
	}

	@Test
	void aParkedTaskIsResumedFromAnotherStep() {
		UUID id = client().enqueue(new Parcel.Pack("book"));
		park(id, "out of paper");
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "retry", "step", "Ship")))
			.isEqualTo(new Answer(HttpStatus.BAD_REQUEST, "Another step is only given to resume"));
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "resume", "stateJson", "{}")))
			.isEqualTo(new Answer(HttpStatus.BAD_REQUEST, "The parameter step is missing"));
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "resume", "step", "Burn", "stateJson", "{}")))
			.isEqualTo(new Answer(HttpStatus.BAD_REQUEST,
					"The task cannot run with this state: the task type 'Parcel' has no step 'Burn' here, only Pack, Ship"));
		assertThat(unrestricted().post("/tasks/" + id,
				Map.of("action", "resume", "step", "Ship", "stateJson", "{\"content\":\"book\"}")))
			.isEqualTo(new Answer(HttpStatus.OK, "The task will run again from the other step"));
		assertThat(unrestricted().get("/tasks/" + id).get("step").asString()).isEqualTo("Ship");
	}

	@Test
	void aTaskIsPrioritized() {
		UUID id = client().enqueue(new Parcel.Pack("book"));
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "prioritize", "priority", 9)))
			.isEqualTo(new Answer(HttpStatus.OK, "The task has its new priority"));
		assertThat(unrestricted().get("/tasks/" + id).get("priority").asInt()).isEqualTo(9);
		assertThat(unrestricted().post("/tasks/" + id, Map.of("action", "prioritize", "priority", 10))).isEqualTo(
				new Answer(HttpStatus.BAD_REQUEST, "The parameter priority must be between 0 and 9 but is '10'"));
	}

	@Test
	void allTasksOfASelectionAreRetriedAfterAPreview() {
		UUID paper = client().enqueue(new Parcel.Pack("book"));
		UUID tape = client().enqueue(new Parcel.Pack("vase"));
		client().enqueue(new Parcel.Pack("lamp"));
		park(paper, "out of paper");
		park(tape, "out of tape");
		Map<String, Object> retry = Map.of("action", "retry", "type", "Parcel", "error", "PAPER");
		assertThat(ids(readOnly().get("/tasks?type=Parcel&error=PAPER"))).containsExactly(paper);
		assertThat(unrestricted().postForJson("/tasks", with(retry, "preview", true)).get("matching").asInt()).isOne();
		assertThat(unrestricted().postForJson("/tasks", Map.of("action", "retry", "type", "Parcel", "preview", "true"))
			.get("matching")
			.asInt()).as("the parked ones").isEqualTo(2);
		assertThat(unrestricted().postForJson("/tasks", retry)).hasToString("""
				{"done":1,"requested":0,"running":0,"notApplicable":0,"notFound":0,\
				"message":"Each of 1 tasks will run again from the step it stopped at"}""");
		assertThat(ids(readOnly().get("/tasks?state=errored"))).containsExactly(tape);
	}

	@Test
	void allTasksOfASelectionAreCancelledDeletedRescheduledAndPrioritized() {
		for (int i = 0; i < 3; i++) {
			client().enqueue(new Parcel.Pack("book"), TaskOptions.DEFAULT.withTags("blue"));
		}
		Map<String, Object> blue = Map.of("tag", "blue");
		assertThat(done(with(with(blue, "action", "prioritize"), "priority", 1))).isEqualTo(3);
		assertThat(done(with(with(blue, "action", "reschedule"), "at", "2199-12-31T23:59:59Z"))).isEqualTo(3);
		this.jdbc.update("""
				UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 hour',
					created_at = now() - interval '2 days'
				WHERE id = (SELECT id FROM pg_task LIMIT 1)""");
		assertThat(done(Map.of("action", "delete", "type", "Parcel", "step", "Pack", "olderThan", "1d"))).isZero();
		JsonNode cancelled = unrestricted().postForJson("/tasks", with(blue, "action", "cancel"));
		assertThat(cancelled.get("done").asInt()).isEqualTo(2);
		assertThat(cancelled.get("requested").asInt()).isOne();
		assertThat(cancelled.get("message").asString())
			.isEqualTo("Each of 2 tasks has been cancelled; of 1 a worker was asked to end them");
	}

	@Test
	void anActionOnManyTasksThatIsNotUnderstoodChangesNothing() {
		client().enqueue(new Parcel.Pack("book"));
		assertThat(unrestricted().post("/tasks", Map.of("action", "delete")))
			.isEqualTo(new Answer(HttpStatus.BAD_REQUEST, "Say which tasks are meant, by at least one of the parameters"
					+ " type, step, state, tag, key, error, olderThan and unchangedFor"));
		assertThat(unrestricted().post("/tasks", Map.of("action", "retry", "type", "Parcel", "stateJson", "{}")))
			.isEqualTo(new Answer(HttpStatus.BAD_REQUEST,
					"Another step or another state can only be given to one task: send it to tasks/{id}"));
		assertThat(unrestricted().post("/tasks", Map.of("action", "delete", "olderThan", "yesterday")))
			.isEqualTo(new Answer(HttpStatus.BAD_REQUEST,
					"The parameter olderThan must be a duration such as 30m, 12h or 7d but is 'yesterday'"));
		assertThat(unrestricted().post("/tasks", Map.of("action", "delete", "type", "Parcel", "preview", "maybe")))
			.isEqualTo(
					new Answer(HttpStatus.BAD_REQUEST, "The parameter preview must be true or false but is 'maybe'"));
		assertThat(unrestricted().post("/tasks", Map.of("action", "reschedule", "type", "Parcel")).status())
			.isEqualTo(HttpStatus.BAD_REQUEST);
		assertThat(countTasks()).isOne();
	}

	@Test
	void aTypeIsPausedAndResumed() {
		assertThat(readOnly().post("/types/Parcel", Map.of("action", "pause")).status())
			.isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
		assertThat(unrestricted().post("/types/Parcel", Map.of("action", "pause", "reason", "The van is broken")))
			.isEqualTo(new Answer(HttpStatus.OK, "The type is paused on all nodes: no step of it is started any more"));
		JsonNode type = readOnly().get("").at("/types/Parcel");
		assertThat(type.get("pauseReason").asString()).isEqualTo("The van is broken");
		assertThat(Instant.parse(type.get("pausedAt").asString())).isNotNull();
		assertThat(unrestricted().post("/types/Parcel", Map.of("action", "pause")))
			.isEqualTo(new Answer(HttpStatus.CONFLICT, "The type is paused already; nothing was changed"));
		assertThat(unrestricted().post("/types/Parcel", Map.of("action", "resume")))
			.isEqualTo(new Answer(HttpStatus.OK, "The type goes on"));
		assertThat(unrestricted().post("/types/Parcel", Map.of("action", "resume")))
			.isEqualTo(new Answer(HttpStatus.CONFLICT, "The type is not paused; nothing was changed"));
		assertThat(unrestricted().post("/types/Parcel", Map.of("action", "stop")).status())
			.isEqualTo(HttpStatus.BAD_REQUEST);
		assertThat(readOnly().get("").at("/types/Parcel").has("pausedAt")).isFalse();
	}

	private int done(Map<String, Object> action) {
		return unrestricted().postForJson("/tasks", action).get("done").asInt();
	}

	private static Map<String, Object> with(Map<String, Object> parameters, String name, Object value) {
		Map<String, Object> all = new LinkedHashMap<>(parameters);
		all.put(name, value);
		return all;
	}

	private static List<UUID> ids(JsonNode page) {
		return page.get("tasks").valueStream().map((task) -> UUID.fromString(task.get("id").asString())).toList();
	}

	private void park(UUID id, String error) {
		this.jdbc.update("UPDATE pg_task SET error = ? WHERE id = ?", error, id);
	}

	private int countTasks() {
		Integer count = this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class);
		return (count != null) ? count : 0;
	}

	private TaskClient client() {
		return readOnly().application().getBean(TaskClient.class);
	}

	private Client readOnly() {
		return application();
	}

	private Client unrestricted() {
		return application("management.endpoint.pgtask.access=unrestricted",
				"management.endpoint.pgtask.show-values=always");
	}

	private Client application(String... properties) {
		return new Client(this.applications.computeIfAbsent(String.join(",", properties), (key) -> start(properties)));
	}

	private ConfigurableApplicationContext start(String... properties) {
		return new SpringApplicationBuilder(Parcels.class)
			.properties("spring.datasource.url=" + this.database.url(),
					"spring.datasource.username=" + this.database.username(),
					"spring.datasource.password=" + this.database.password(), "server.port=0",
					"spring.main.banner-mode=off", "spring.liquibase.enabled=false", "pg-task.liquibase.enabled=false",
					"pg-task.worker.auto-startup=false", "management.endpoints.web.exposure.include=pgtask")
			.properties(properties)
			.run();
	}

	private record Answer(HttpStatusCode status, @Nullable String message) {
	}

	private record Client(ConfigurableApplicationContext application) {

		JsonNode get(String uri) {
			EntityExchangeResult<String> result = http().get().uri(uri).exchange().returnResult(String.class);
			assertThat(result.getStatus()).as(uri).isEqualTo(HttpStatus.OK);
			return JsonMapper.shared().readTree(Objects.requireNonNull(result.getResponseBody()));
		}

		void assertRefused(String uri, HttpStatus status, String message) {
			assertThat(answer(http().get().uri(uri))).isEqualTo(new Answer(status, message));
		}

		JsonNode postForJson(String uri, Map<String, Object> body) {
			EntityExchangeResult<String> result = http().post()
				.uri(uri)
				.contentType(MediaType.APPLICATION_JSON)
				.body(body)
				.exchange()
				.returnResult(String.class);
			assertThat(result.getStatus()).as(result.getResponseBody()).isEqualTo(HttpStatus.OK);
			return JsonMapper.shared().readTree(Objects.requireNonNull(result.getResponseBody()));
		}

		Answer post(String uri, Map<String, ?> body) {
			return answer(http().post().uri(uri).contentType(MediaType.APPLICATION_JSON).body(body));
		}

		Answer delete(String uri) {
			return answer(http().delete().uri(uri));
		}

		private static Answer answer(RestTestClient.RequestHeadersSpec<?> request) {
			EntityExchangeResult<String> result = request.exchange().returnResult(String.class);
			String body = result.getResponseBody();
			JsonNode message = (body != null) ? JsonMapper.shared().readTree(body).get("message") : null;
			return new Answer(result.getStatus(), (message != null) ? message.asString() : null);
		}

		private RestTestClient http() {
			String port = this.application.getEnvironment().getRequiredProperty("local.server.port");
			return RestTestClient.bindToServer().baseUrl("http://localhost:" + port + "/actuator/pgtask").build();
		}

	}

	sealed interface Parcel {

		record Pack(String content, String password) implements Parcel {

			Pack(String content) {
				this(content, "abc123");
			}

		}

		record Ship(String content) implements Parcel {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Parcels {

		@Bean
		@TaskStep
		Step<Parcel, Parcel.Pack> pack() {
			return (state, context) -> NextStep.now(new Parcel.Ship(state.content()));
		}

		@Bean
		@TaskStep
		Step<Parcel, Parcel.Ship> ship() {
			return (state, context) -> NextStep.done();
		}

		@Bean
		SanitizingFunction passwords() {
			return SanitizingFunction.sanitizeValue().ifKeyContains("password");
		}

	}

}
