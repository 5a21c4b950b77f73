package io.pgtask.store;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.TaskCount;
import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
import io.pgtask.TaskState;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JdbcTaskAdmin}: finding tasks.
 */
@TaskTableTest
class TaskSearchTests {

	private static final String SETTINGS = """
			SELECT concat_ws(',', current_setting('jit'), current_setting('enable_seqscan'),
				current_setting('plan_cache_mode'))""";

	private final AdminTasks tasks;

	private final JdbcTaskAdmin admin;

	TaskSearchTests(TestDatabase database) {
		this.tasks = new AdminTasks(database);
		this.admin = this.tasks.admin();
	}

	@AfterEach
	void close() {
		this.tasks.close();
	}

	@Test
	void tasksAreFoundByATagAndWhateverElseIsAsked() {
		for (TaskState state : TaskState.values()) {
			for (String tags : List.of("{red}", "{green,red}", "{green}", "{NULL}")) {
				UUID id = this.tasks.insert("{\"Greeter\":{\"ReadName\":1}}", state);
				this.tasks.jdbc().update("UPDATE pg_task SET tags = ?::text[] WHERE id = ?", tags, id);
			}
		}
		int states = TaskState.values().length;
		TaskQuery red = TaskQuery.all().tagged("red");
		assertThat(this.admin.find(red)).hasSize(2 * states)
			.allSatisfy((task) -> assertThat(task.tags()).contains("red"))
			.isSortedAccordingTo((one, other) -> other.id().compareTo(one.id()));
		assertThat(this.admin.find(red.limit(3))).hasSize(3);
		assertThat(this.admin.find(red.in(TaskState.ERRORED).ofType("Greeter").atStep("ReadName"))).hasSize(2);
		assertThat(this.admin.find(red.in(TaskState.HELD))).hasSize(2);
		assertThat(this.admin.find(red.ofType("Mailer"))).isEmpty();
		assertThat(this.admin.find(TaskQuery.all().tagged("blue"))).isEmpty();
		assertThat(this.admin.find(TaskQuery.all().tagged("\0"))).isEmpty();
		assertThat(this.admin.find(TaskQuery.all().tagged("}'; --"))).isEmpty();
	}

	@Test
	void pagesFollowEachOtherByDescendingId() {
		List<UUID> ids = new ArrayList<>();
		for (int i = 0; i < 25; i++) {
			ids.add(this.tasks.insertGreeter());
		}
		// The order of PostgreSQL, which is not the one of Java.
		ids = this.tasks.jdbc().queryForList("SELECT id FROM pg_task ORDER BY id DESC", UUID.class);
		for (TaskQuery query : List.of(TaskQuery.all(), TaskQuery.all().ofType("Greeter"),
				TaskQuery.all().in(TaskState.READY), TaskQuery.all().ofType("Greeter").in(TaskState.READY))) {
			List<UUID> found = new ArrayList<>();
			List<TaskInfo> page = this.admin.find(query.limit(10));
			while (!page.isEmpty()) {
				assertThat(page).hasSizeLessThanOrEqualTo(10);
				page.forEach((task) -> found.add(task.id()));
				page = this.admin.find(query.limit(10).before(found.get(found.size() - 1)));
			}
			assertThat(found).isEqualTo(ids);
		}
	}

	@ParameterizedTest
	@EnumSource(TaskState.class)
	void everyCombinationOfTypeStepAndStateFindsItsTasks(TaskState state) {
		for (String type : List.of("Greeter", "Mailer")) {
			for (String step : List.of("First", "Second")) {
				for (TaskState each : TaskState.values()) {
					this.tasks.insert("{\"%s\":{\"%s\":1}}".formatted(type, step), each);
				}
			}
		}
		this.tasks.insert("nonsense", state);
		TaskQuery inState = TaskQuery.all().in(state);
		assertThat(find(inState)).containsExactlyInAnyOrder("Greeter.First." + state, "Greeter.Second." + state,
				"Mailer.First." + state, "Mailer.Second." + state, "null.null." + state);
		assertThat(find(inState.ofType("Mailer"))).containsExactlyInAnyOrder("Mailer.First." + state,
				"Mailer.Second." + state);
		assertThat(find(inState.ofType("Mailer").atStep("Second"))).containsExactly("Mailer.Second." + state);
		assertThat(find(inState.atStep("Second"))).containsExactlyInAnyOrder("Greeter.Second." + state,
				"Mailer.Second." + state);
		assertThat(find(TaskQuery.all().ofType("Mailer").atStep("First"))).containsExactlyInAnyOrder(
				"Mailer.First.READY", "Mailer.First.SCHEDULED", "Mailer.First.RUNNING", "Mailer.First.ERRORED",
				"Mailer.First.HELD");
		assertThat(find(TaskQuery.all().atStep("First"))).hasSize(10);
		assertThat(find(TaskQuery.all().ofType("Greeter"))).hasSize(10);
		assertThat(find(inState.ofType("Nobody"))).isEmpty();
		assertThat(find(inState.atStep("Nobody"))).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(TaskState.class)
	void rareTasksAreFoundBehindManyNewerOnes(TaskState state) {
		UUID old = this.tasks.insert("{\"Greeter\":{\"ReadName\":1}}", state);
		UUID malformed = this.tasks.insert("nonsense", state);
		this.tasks.jdbc().update("UPDATE pg_task SET id = '00000000-0000-7000-8000-000000000001' WHERE id = ?", old);
		this.tasks.jdbc()
			.update("UPDATE pg_task SET id = '00000000-0000-7000-8000-000000000000' WHERE id = ?", malformed);
		TaskState other = (state != TaskState.SCHEDULED) ? TaskState.SCHEDULED : TaskState.READY;
		this.tasks.jdbc().update("""
				INSERT INTO pg_task (step, wakeup_at)
				SELECT '{"Greeter":{"SayHello":1}}', statement_timestamp() + ?::interval
				FROM generate_series(1, 3000)""", (other == TaskState.SCHEDULED) ? "1 day" : "-1 day");
		UUID recent = this.tasks.insert("{\"Greeter\":{\"ReadName\":2}}", state);
		this.tasks.jdbc().update("UPDATE pg_task SET id = 'ffffffff-ffff-7fff-8fff-ffffffffffff' WHERE id = ?", recent);
		assertThat(find(TaskQuery.all().in(state))).containsExactly("Greeter.ReadName." + state,
				"Greeter.ReadName." + state, "null.null." + state);
		assertThat(find(TaskQuery.all().in(state).limit(1))).containsExactly("Greeter.ReadName." + state);
		assertThat(find(TaskQuery.all().in(state).ofType("Greeter"))).containsExactly("Greeter.ReadName." + state,
				"Greeter.ReadName." + state);
		assertThat(find(TaskQuery.all().ofType("Greeter").atStep("ReadName")))
			.containsExactly("Greeter.ReadName." + state, "Greeter.ReadName." + state);
		assertThat(find(TaskQuery.all().atStep("ReadName"))).hasSize(2);
	}

	@Test
	void aStepIsFoundHoweverTheJsonIsWritten() {
		List<String> texts = List.of("{\"Greeter\":{\"ReadName\":1}}", " {\n\t\"Greeter\" : { \"ReadName\" :1 } }",
				"{\"Greeter\": {\"ReadName\": {\"SayHello\":1}}}");
		texts.forEach(this.tasks::insert);
		this.tasks.insert("{\"Greeter\":{\"SayHello\":{\"ReadName\":1}}}");
		this.tasks.insert("{\"Greeter\":{\"ReadName2\":1}}");
		this.tasks.insert("{\"Greeter\":{\"readname\":1}}");
		assertThat(this.admin.find(TaskQuery.all().ofType("Greeter").atStep("ReadName"))).hasSize(3);
		assertThat(this.admin.find(TaskQuery.all().atStep("ReadName"))).hasSize(3);
	}

	@ParameterizedTest
	@ValueSource(strings = { "'; DROP TABLE pg_task; --", "%", "_", ".*", "\\", "a'b", ":type", "?", "{table}", "{is}",
			"(", "[", "$1", "Grüße 🐘", "a b", "\u0000", "\ud83d", "" })
	void aNameIsTakenLiterally(String name) {
		this.tasks.insertGreeter();
		boolean possible = !name.equals("\u0000") && !name.equals("\ud83d");
		String key = possible ? name.replace("\\", "\\\\") : "";
		UUID id = this.tasks.insert("{\"Odd\":{\"" + key + "\":1}}");
		UUID ofType = this.tasks.insert("{\"" + key + "\":{\"Odd\":1}}");
		assertThat(this.admin.find(TaskQuery.all().ofType("Odd").atStep(name))).extracting(TaskInfo::id)
			.isEqualTo(possible ? List.of(id) : List.of());
		assertThat(this.admin.find(TaskQuery.all().atStep(name))).extracting(TaskInfo::id)
			.isEqualTo(possible ? List.of(id) : List.of());
		// A type is shown, and sought, as it is written in the row.
		String type = possible ? key : name;
		for (TaskState state : TaskState.values()) {
			assertThat(this.admin.find(TaskQuery.all().ofType(type).in(state).atStep("Odd"))).extracting(TaskInfo::id)
				.isEqualTo((possible && state == TaskState.READY) ? List.of(ofType) : List.of());
		}
	}

	@Test
	void aPageShowsTheBeginningOfALongState() {
		String state = "{\"text\":\"" + "🐘".repeat(50_000) + "\"}";
		UUID id = this.tasks.insert("{\"Greeter\":{\"ReadName\":" + state + "}}");
		assertThat(this.admin.find(id).orElseThrow().stateJson()).isEqualTo(state);
		TaskInfo shown = this.admin.find(TaskQuery.all()).get(0);
		assertThat(shown.step()).isEqualTo("ReadName");
		assertThat(shown.stateJson()).startsWith("{\"text\":\"🐘🐘").endsWith("🐘…").hasSizeLessThan(20_000);
		this.tasks.jdbc().update("DELETE FROM pg_task");
		String longest = "\"" + "x".repeat(10_000 - "{\"T\":{\"S\":\"\"}}".length()) + "\"";
		this.tasks.insert("{\"T\":{\"S\":" + longest + "}}");
		assertThat(this.admin.find(TaskQuery.all()).get(0).stateJson()).isEqualTo(longest);
	}

	@Test
	void findingAndCountingWorkInATransactionAndWithoutAutoCommit() {
		UUID id = this.tasks.insertGreeter();
		String settings = this.tasks.jdbc().queryForObject(SETTINGS, String.class);
		Producer.transaction(this.tasks.dataSource()).executeWithoutResult((status) -> {
			this.tasks.jdbc().update("UPDATE pg_task SET error = 'x'");
			assertThat(this.admin.find(id).map(TaskInfo::state)).contains(TaskState.ERRORED);
			assertThat(this.admin.find(TaskQuery.all().in(TaskState.ERRORED))).hasSize(1);
			assertThat(this.admin.counts()).extracting(TaskCount::state).containsExactly(TaskState.ERRORED);
			assertThat(this.tasks.jdbc().queryForObject(SETTINGS, String.class)).isEqualTo(settings);
			status.setRollbackOnly();
		});
		JdbcTaskAdmin withoutAutoCommit = new JdbcTaskAdmin(new WithoutAutoCommit(this.tasks.dataSource()),
				TaskTable.inSearchPath(), this.tasks.wakeups());
		assertThat(withoutAutoCommit.find(id)).isPresent();
		assertThat(withoutAutoCommit.find(TaskQuery.all().in(TaskState.READY))).hasSize(1);
		assertThat(withoutAutoCommit.counts()).hasSize(1);
	}

	@Test
	void nothingOfAQueryIsLeftInTheSession() {
		try (HikariDataSource single = this.tasks.database().createPool(1)) {
			String settings = new JdbcTemplate(single).queryForObject(SETTINGS, String.class);
			new JdbcTaskAdmin(single, TaskTable.inSearchPath(), this.tasks.wakeups()).counts();
			assertThat(new JdbcTemplate(single).queryForObject(SETTINGS, String.class)).isEqualTo(settings);
		}
	}

	private List<String> find(TaskQuery query) {
		return this.admin.find(query)
			.stream()
			.map((task) -> task.taskType() + "." + task.step() + "." + task.state())
			.toList();
	}

}
