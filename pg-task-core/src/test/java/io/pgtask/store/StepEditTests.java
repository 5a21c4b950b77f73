package io.pgtask.store;

import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.InvalidStateException;
import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskInfo;
import io.pgtask.TaskState;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ResolvableType;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link JdbcTaskAdmin}: retrying a task with another state, or from another
 * step.
 */
@PostgresTest
class StepEditTests {

	private static final String PARKED = "{\"Greeter\":{\"ReadName\":{\"filename\":\"nmae.txt\"}}}";

	private final JdbcTemplate jdbc;

	private final Wakeups wakeups;

	private final JdbcTaskAdmin admin;

	private final JdbcTaskAdmin stranger;

	StepEditTests(TestDatabase database) {
		DataSource dataSource = database.dataSource();
		this.jdbc = new JdbcTemplate(dataSource);
		this.wakeups = new Wakeups(dataSource);
		this.admin = new JdbcTaskAdmin(dataSource, TaskTable.inSearchPath(), this.wakeups,
				() -> new StepCodec(JsonMapper.builder().build(), registry()));
		this.stranger = new JdbcTaskAdmin(dataSource, TaskTable.inSearchPath(), this.wakeups);
		TaskSchema.create(dataSource);
	}

	@BeforeEach
	void emptyTable() {
		this.jdbc.update("DELETE FROM pg_task");
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@Test
	void aParkedTaskIsRetriedWithAnotherState() {
		UUID id = parked(PARKED);
		assertThat(this.admin.retry(id, " {\"filename\": \"name.txt\"} ")).isEqualTo(ActionResult.DONE);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.READY);
		assertThat(task.step()).isEqualTo("ReadName");
		assertThat(task.stateJson()).isEqualTo("{\"filename\": \"name.txt\"}");
		assertThat(task.tried()).isZero();
		assertThat(task.lastError()).isEqualTo("failed");
		assertThat(failures()).isEqualTo("[1]");
	}

	@Test
	void aParkedTaskGoesOnFromAnotherStepOfItsMachine() {
		UUID id = parked(PARKED);
		assertThat(this.admin.resume(id, "SayHello", "{\"name\":\"Bob\"}")).isEqualTo(ActionResult.DONE);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.READY);
		assertThat(task.step()).isEqualTo("SayHello");
		assertThat(task.tried()).isZero();
		assertThat(task.delivery()).isZero();
		assertThat(task.stateJson()).isEqualTo("{\"name\":\"Bob\"}");
		assertThat(task.lastError()).as("of the step before").isNull();
		assertThat(failures()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"filename\":1", "{\"file\":\"name.txt\"}", "{\"filename\":[1]}", "name.txt", "", "null",
			"{\"filename\":\"a\"}},\"x\":{\"y\":1", "{\"filename\":\"a\"},\"SayHello\":{\"name\":\"b\"}",
			"{\"filename\":\"a\"}}} {\"x\":{\"y\":1" })
	void aStateThatTheStepCannotReadIsRefused(String json) {
		UUID id = parked(PARKED);
		assertRefused(id, json, "The task cannot run with this state: ");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			SayGoodbye | the task type 'Greeter' has no step 'SayGoodbye' here, only ReadName, SayHello
			Say"Hello  | the task type 'Greeter' has no step 'Say"Hello' here""")
	void aStepThatTheMachineDoesNotHaveIsRefused(String step, String message) {
		UUID id = parked(PARKED);
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> this.admin.resume(id, step, "{\"name\":\"Bob\"}"))
			.withMessageContaining(message);
		assertThat(this.admin.find(id).orElseThrow().state()).isEqualTo(TaskState.ERRORED);
	}

	@Test
	void aNodeThatDoesNotKnowTheTypeRefusesWhatItCannotCheck() {
		UUID id = parked(PARKED);
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> this.stranger.retry(id, "{\"filename\":\"name.txt\"}"))
			.withMessageContaining("no task type 'Greeter' is known here");
	}

	@Test
	void aCharacterThatPostgresCannotHoldIsRefused() {
		UUID id = parked(PARKED);
		assertRefused(id, "{\"filename\":\"\ud83d\"}", "The state contains a character that PostgreSQL cannot hold");
	}

	@Test
	void aTaskWhoseTextIsNoStepCannotBeEditedButGivenAStep() {
		UUID nameless = parked("nonsense");
		assertRefused(nameless, "{}", "names no step");
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> this.admin.resume(nameless, "SayHello", "{}"))
			.withMessageContaining("names no task type");
		UUID broken = parked("{\"Greeter\":\"broken\"}");
		assertThat(this.admin.resume(broken, "SayHello", "{\"name\":\"Bob\"}")).isEqualTo(ActionResult.DONE);
	}

	@Test
	void onlyAParkedTaskIsEdited() {
		UUID id = parked(PARKED);
		this.jdbc.update("UPDATE pg_task SET error = NULL");
		assertThat(this.admin.retry(id, "{\"filename\":\"b\"}")).isEqualTo(ActionResult.NOT_APPLICABLE);
		this.jdbc.update("""
				UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 h'""");
		assertThat(this.admin.resume(id, "SayHello", "{\"name\":\"b\"}")).isEqualTo(ActionResult.RUNNING);
		assertThat(this.admin.retry(UUID.randomUUID(), "{}")).isEqualTo(ActionResult.NOT_FOUND);
		assertThat(this.admin.find(id).orElseThrow().stateJson()).contains("nmae.txt");
	}

	private void assertRefused(UUID id, String json, String message) {
		Map<String, Object> before = this.jdbc.queryForMap("SELECT *, xmin::text FROM pg_task WHERE id = ?", id);
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> this.admin.retry(id, json))
			.withMessageContaining(message)
			.withMessageNotContaining("likely changed");
		assertThat(this.jdbc.queryForMap("SELECT *, xmin::text FROM pg_task WHERE id = ?", id)).isEqualTo(before);
	}

	private UUID parked(String text) {
		UUID id = TaskIds.shared().next();
		this.jdbc.update("""
				INSERT INTO pg_task (id, step, error, last_error, parked_at, tried, failures)
				VALUES (?, ?, 'failed', 'failed', now(), 3, '[1]')""", id, text);
		return id;
	}

	private @Nullable String failures() {
		return this.jdbc.queryForObject("SELECT failures::text FROM pg_task", String.class);
	}

	private static TaskRegistry registry() {
		Step<Greeter, Greeter.ReadName> read = (state, context) -> NextStep.done();
		Step<Greeter, Greeter.SayHello> say = (state, context) -> NextStep.done();
		return TaskRegistry.builder()
			.step(read, type(Greeter.ReadName.class), RetrySettings.DEFAULT, "read")
			.step(say, type(Greeter.SayHello.class), RetrySettings.DEFAULT, "say")
			.build();
	}

	private static ResolvableType type(Class<? extends Greeter> state) {
		return ResolvableType.forClassWithGenerics(Step.class, Greeter.class, state);
	}

}
