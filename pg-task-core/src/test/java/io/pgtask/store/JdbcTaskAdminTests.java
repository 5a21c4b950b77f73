package io.pgtask.store;

import java.time.Duration;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.TaskCount;
import io.pgtask.TaskErrorEvent;
import io.pgtask.FailedAttempt;
import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
import io.pgtask.TaskState;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link JdbcTaskAdmin}: finding and counting. {@link JdbcTaskAdminActionTests}
 * are about changing.
 */
@PostgresTest
class JdbcTaskAdminTests {

	private static final String SETTINGS = """
			SELECT concat_ws(',', current_setting('jit'), current_setting('enable_seqscan'),
				current_setting('plan_cache_mode'))""";

	private final TestDatabase database;

	private final DataSource dataSource;

	private final JdbcTemplate jdbc;

	private final Wakeups wakeups;

	private final JdbcTaskAdmin admin;

	private final ParkedTaskReader reader;

	JdbcTaskAdminTests(TestDatabase database) {
		this.database = database;
		this.dataSource = database.dataSource();
		this.jdbc = new JdbcTemplate(this.dataSource);
		this.wakeups = new Wakeups(this.dataSource);
		this.admin = new JdbcTaskAdmin(this.dataSource, TaskTable.inSearchPath(), this.wakeups);
		this.reader = new ParkedTaskReader(this.dataSource, TaskTable.inSearchPath());
	}

	@BeforeEach
	void createTable() {
		TaskSchema.create(this.dataSource);
		this.jdbc.update("DELETE FROM pg_task");
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@Test
	void aTaskIsShownWithAllItsColumns() {
		UUID id = UUID.randomUUID();
		this.jdbc
			.update("""
					INSERT INTO pg_task (id, step, wakeup_at, tried, error, created_at, updated_at, priority, delivery,
						parked_at, last_error, headers, tags, unique_key, deadline, cancel_requested_at, postponed, failures)
					VALUES (?, '{"Greeter":{"ReadName":{"filename":"name.txt"}}}', '2020-01-02T03:04:05.000006Z', 3, 'the error',
						'2020-01-02T03:04:05.000007Z', '2020-01-02T03:04:05.000008Z', 7, 5, now(), 'the last error',
						'{"trace":"1","n":2}', '{red,green}', 'the key',
						'2020-01-02T03:04:05.000009Z', '2020-01-02T03:04:05.00001Z', 6,
						'[{"at":"2020-01-02T03:04:05.00001+01:00","attempt":3,"delivery":5,"worker":"me","took_ms":12,"error":"the last error","stack_trace":"where"}, "strange"]')""",
					id);
		assertThat(this.admin.find(id)).contains(new TaskInfo(id, "Greeter", "ReadName", TaskState.ERRORED,
				"{\"filename\":\"name.txt\"}", Instant.parse("2020-01-02T03:04:05.000006Z"), 3, 5, 7, "the error",
				"the last error", null, Instant.parse("2020-01-02T03:04:05.000007Z"),
				Instant.parse("2020-01-02T03:04:05.000008Z"), Map.of("trace", "1", "n", "2"), List.of("green", "red"),
				"the key", Instant.parse("2020-01-02T03:04:05.000009Z"), null, null,
				Instant.parse("2020-01-02T03:04:05.00001Z"), 6,
				List.of(new FailedAttempt(Instant.parse("2020-01-02T02:04:05.00001Z"), 3, 5, "me",
						Duration.ofMillis(12), "the last error", "where"))));
		assertThat(this.admin.find(TaskQuery.all())).singleElement()
			.satisfies((task) -> assertThat(task.failures()).as("too much for a list").isEmpty())
			.usingRecursiveComparison()
			.ignoringFields("failures")
			.isEqualTo(this.admin.find(id).orElseThrow());
	}

	@Test
	void aTaskThatIsNotThereIsNotFound() {
		assertThat(this.admin.find(UUID.randomUUID())).isEmpty();
		assertThat(this.admin.find(TaskQuery.all())).isEmpty();
		assertThat(this.admin.counts()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "nonsense", "", "{\"Greeter\"", "[1]" })
	void aRowWhoseTextIsNoStepIsShownWithTheWholeText(String text) {
		UUID id = insert(text);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.taskType()).isNull();
		assertThat(task.step()).isNull();
		assertThat(task.stateJson()).isEqualTo(text);
		assertThat(this.admin.find(TaskQuery.all())).containsExactly(task);
		assertThat(this.admin.find(TaskQuery.all().in(TaskState.READY))).containsExactly(task);
		assertThat(this.admin.counts()).extracting(TaskCount::taskType).containsExactly((String) null);
	}

	@Test
	void aTaskIsErroredWhateverElseItsRowSays() {
		assertThat(stateOf("error = 'x'")).isEqualTo(TaskState.ERRORED);
		assertThat(stateOf("error = ''")).isEqualTo(TaskState.ERRORED);
		assertThat(stateOf(
				"error = 'x', locked_by = gen_random_uuid(), lock_expires_at = clock_timestamp() + interval '1 min'"))
			.isEqualTo(TaskState.ERRORED);
	}

	@Test
	void aHeldTaskIsShownWithItsTrueDueTimeAndTheEndOfTheHold() {
		UUID id = insertGreeter();
		this.jdbc.update(
				"""
						UPDATE pg_task SET hold = 'reserved', wakeup_at = '2020-01-02T03:04:05Z', hold_due = '2030-01-02T03:04:05Z'
						WHERE id = ?""",
				id);
		assertThat(this.admin.find(id)).hasValueSatisfying((task) -> {
			assertThat(task.state()).isEqualTo(TaskState.HELD);
			assertThat(task.hold()).isEqualTo("reserved");
			assertThat(task.wakeupAt()).isEqualTo(Instant.parse("2030-01-02T03:04:05Z"));
			assertThat(task.heldUntil()).isEqualTo(Instant.parse("2020-01-02T03:04:05Z"));
		});
		assertThat(stateOf("hold = 'reserved', error = 'x'")).isEqualTo(TaskState.ERRORED);
	}

	@Test
	void tasksAreFoundByATagAndWhateverElseIsAsked() {
		for (TaskState state : TaskState.values()) {
			for (String tags : List.of("{red}", "{green,red}", "{green}", "{NULL}")) {
				UUID id = insert("{\"Greeter\":{\"ReadName\":1}}", state);
				this.jdbc.update("UPDATE pg_task SET tags = ?::text[] WHERE id = ?", tags, id);
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
	void aTaskRunsWhileItsLeaseLives() {
		UUID id = insertGreeter();
		this.jdbc
			.update("""
					UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = clock_timestamp() + interval '1 min'""");
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.RUNNING);
		assertThat(task.leaseExpiresAt()).isEqualTo(timeOf("lock_expires_at", id));
		this.jdbc.update("UPDATE pg_task SET lock_expires_at = statement_timestamp()");
		task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.READY);
		assertThat(task.leaseExpiresAt()).isNull();
	}

	@Test
	void aTaskWaitsUntilItIsDueByTheClockOfTheDatabase() {
		assertThat(stateOf("wakeup_at = clock_timestamp()")).isEqualTo(TaskState.READY);
		assertThat(stateOf("wakeup_at = clock_timestamp() + interval '1 min'")).isEqualTo(TaskState.SCHEDULED);
		assertThat(stateOf("""
				wakeup_at = clock_timestamp() + interval '1 min',
				locked_by = gen_random_uuid(), lock_expires_at = clock_timestamp() - interval '1 min'"""))
			.isEqualTo(TaskState.SCHEDULED);
	}

	@Test
	void endlessTimesAreShown() {
		UUID never = insertGreeter();
		this.jdbc.update("UPDATE pg_task SET wakeup_at = 'infinity', error = NULL");
		UUID always = insertGreeter();
		this.jdbc.update("UPDATE pg_task SET wakeup_at = '-infinity' WHERE id = ?", always);
		assertThat(this.admin.find(never).orElseThrow().wakeupAt()).isAfter(Instant.parse("+900000-01-01T00:00:00Z"));
		assertThat(this.admin.find(always).orElseThrow().wakeupAt()).isBefore(Instant.parse("-900000-01-01T00:00:00Z"));
		assertThat(this.admin.find(never).orElseThrow().state()).isEqualTo(TaskState.SCHEDULED);
		assertThat(this.admin.counts()).extracting(TaskCount::state)
			.containsExactly(TaskState.READY, TaskState.SCHEDULED);
		assertThat(this.admin.counts().get(0).oldestAge()).isGreaterThan(Duration.ofDays(365L * 100_000));
	}

	@Test
	void pagesFollowEachOtherByDescendingId() {
		List<UUID> ids = new ArrayList<>();
		for (int i = 0; i < 25; i++) {
			ids.add(insertGreeter());
		}
		// The order of PostgreSQL, which is not the one of Java.
		ids = this.jdbc.queryForList("SELECT id FROM pg_task ORDER BY id DESC", UUID.class);
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
					insert("{\"%s\":{\"%s\":1}}".formatted(type, step), each);
				}
			}
		}
		insert("nonsense", state);
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
		UUID old = insert("{\"Greeter\":{\"ReadName\":1}}", state);
		UUID malformed = insert("nonsense", state);
		this.jdbc.update("UPDATE pg_task SET id = '00000000-0000-7000-8000-000000000001' WHERE id = ?", old);
		this.jdbc.update("UPDATE pg_task SET id = '00000000-0000-7000-8000-000000000000' WHERE id = ?", malformed);
		TaskState other = (state != TaskState.SCHEDULED) ? TaskState.SCHEDULED : TaskState.READY;
		this.jdbc.update("""
				INSERT INTO pg_task (step, wakeup_at)
				SELECT '{"Greeter":{"SayHello":1}}', statement_timestamp() + ?::interval
				FROM generate_series(1, 3000)""", (other == TaskState.SCHEDULED) ? "1 day" : "-1 day");
		UUID recent = insert("{\"Greeter\":{\"ReadName\":2}}", state);
		this.jdbc.update("UPDATE pg_task SET id = 'ffffffff-ffff-7fff-8fff-ffffffffffff' WHERE id = ?", recent);
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
		texts.forEach(this::insert);
		insert("{\"Greeter\":{\"SayHello\":{\"ReadName\":1}}}");
		insert("{\"Greeter\":{\"ReadName2\":1}}");
		insert("{\"Greeter\":{\"readname\":1}}");
		assertThat(this.admin.find(TaskQuery.all().ofType("Greeter").atStep("ReadName"))).hasSize(3);
		assertThat(this.admin.find(TaskQuery.all().atStep("ReadName"))).hasSize(3);
	}

	@ParameterizedTest
	@ValueSource(strings = { "'; DROP TABLE pg_task; --", "%", "_", ".*", "\\", "a'b", ":type", "?", "{table}", "{is}",
			"(", "[", "$1", "Grüße 🐘", "a b", "\u0000", "\ud83d", "" })
	void aNameIsTakenLiterally(String name) {
		insertGreeter();
		boolean possible = !name.equals("\u0000") && !name.equals("\ud83d");
		String key = possible ? name.replace("\\", "\\\\") : "";
		UUID id = insert("{\"Odd\":{\"" + key + "\":1}}");
		UUID ofType = insert("{\"" + key + "\":{\"Odd\":1}}");
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
		UUID id = insert("{\"Greeter\":{\"ReadName\":" + state + "}}");
		assertThat(this.admin.find(id).orElseThrow().stateJson()).isEqualTo(state);
		TaskInfo shown = this.admin.find(TaskQuery.all()).get(0);
		assertThat(shown.step()).isEqualTo("ReadName");
		assertThat(shown.stateJson()).startsWith("{\"text\":\"🐘🐘").endsWith("🐘…").hasSizeLessThan(20_000);
		this.jdbc.update("DELETE FROM pg_task");
		String longest = "\"" + "x".repeat(10_000 - "{\"T\":{\"S\":\"\"}}".length()) + "\"";
		insert("{\"T\":{\"S\":" + longest + "}}");
		assertThat(this.admin.find(TaskQuery.all()).get(0).stateJson()).isEqualTo(longest);
	}

	@Test
	void tasksAreCountedByTypeAndState() {
		for (TaskState state : TaskState.values()) {
			insert("{\"Greeter\":{\"ReadName\":1}}", state);
			insert("{\"Greeter\":{\"SayHello\":1}}", state);
			insert("nonsense", state);
		}
		insert("{\"Mailer\":{\"Send\":1}}", TaskState.SCHEDULED);
		insert("{\"Sleeper\":{\"Sleep\":1}}", TaskState.ERRORED);
		assertThat(this.admin.counts())
			.extracting((count) -> count.taskType() + " " + count.state() + " " + count.count())
			.containsExactly("Greeter ERRORED 2", "Greeter HELD 2", "Greeter READY 2", "Greeter RUNNING 2",
					"Greeter SCHEDULED 2", "Mailer SCHEDULED 1", "Sleeper ERRORED 1", "null ERRORED 1", "null HELD 1",
					"null READY 1", "null RUNNING 1", "null SCHEDULED 1");
	}

	@Test
	void theAgeOfTheOldestReadyTaskIsThatOfAnyPriority() {
		this.jdbc.update("""
				INSERT INTO pg_task (step, wakeup_at, priority) VALUES
					('{"Greeter":{"ReadName":1}}', statement_timestamp() - interval '1 min', 9),
					('{"Greeter":{"ReadName":1}}', statement_timestamp() - interval '1 hour', 4),
					('{"Greeter":{"ReadName":1}}', statement_timestamp() - interval '2 min', 0),
					('{"Greeter":{"ReadName":1}}', statement_timestamp() + interval '2 min', 1)""");
		// A lease that has ended makes a task ready from then on.
		this.jdbc.update("""
				INSERT INTO pg_task (step, wakeup_at, locked_by, lock_expires_at) VALUES
					('{"Mailer":{"Send":1}}', statement_timestamp() - interval '1 day', gen_random_uuid(),
						statement_timestamp() - interval '5 min')""");
		List<TaskCount> counts = this.admin.counts();
		assertThat(counts).extracting(TaskCount::count).containsExactly(3L, 1L, 1L);
		assertThat(counts.get(0).oldestAge()).isBetween(Duration.ofMinutes(60), Duration.ofMinutes(61));
		assertThat(counts.get(1).oldestAge()).isNull();
		assertThat(counts.get(2).oldestAge()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
	}

	@Test
	void aCountStopsAtTenThousand() {
		this.jdbc
			.update("""
					INSERT INTO pg_task (step, wakeup_at, priority, error)
					SELECT '{"Greeter":{"ReadName":1}}', statement_timestamp() + (CASE i % 3 WHEN 0 THEN 1 ELSE -1 END) * i * interval '1 s',
						i % 10, CASE i % 3 WHEN 1 THEN 'failed' END
					FROM generate_series(1, 31000) i""");
		assertThat(this.admin.counts()).extracting((count) -> count.state() + " " + count.count())
			.containsExactly("ERRORED 10000", "READY 10000", "SCHEDULED 10000");
		assertThat(this.admin.counts().get(1).oldestAge()).isBetween(Duration.ofSeconds(30_998),
				Duration.ofSeconds(31_100));
	}

	@Test
	void theTypesThatAreCountedHaveAnEnd() {
		this.jdbc.update("""
				INSERT INTO pg_task (step) SELECT '{"T' || i || '":{"S":1}}' FROM generate_series(1, 1500) i""");
		assertThat(this.admin.counts()).hasSize(1000);
	}

	@Test
	void findingAndCountingWorkInATransactionAndWithoutAutoCommit() {
		UUID id = insertGreeter();
		String settings = this.jdbc.queryForObject(SETTINGS, String.class);
		JdbcTaskClientTransactionTests.transaction(this.dataSource).executeWithoutResult((status) -> {
			this.jdbc.update("UPDATE pg_task SET error = 'x'");
			assertThat(this.admin.find(id).map(TaskInfo::state)).contains(TaskState.ERRORED);
			assertThat(this.admin.find(TaskQuery.all().in(TaskState.ERRORED))).hasSize(1);
			assertThat(this.admin.counts()).extracting(TaskCount::state).containsExactly(TaskState.ERRORED);
			assertThat(this.jdbc.queryForObject(SETTINGS, String.class)).isEqualTo(settings);
			status.setRollbackOnly();
		});
		JdbcTaskAdmin withoutAutoCommit = new JdbcTaskAdmin(new WithoutAutoCommit(this.dataSource),
				TaskTable.inSearchPath(), this.wakeups);
		assertThat(withoutAutoCommit.find(id)).isPresent();
		assertThat(withoutAutoCommit.find(TaskQuery.all().in(TaskState.READY))).hasSize(1);
		assertThat(withoutAutoCommit.counts()).hasSize(1);
	}

	@Test
	void nothingOfAQueryIsLeftInTheSession() {
		try (HikariDataSource single = this.database.createPool(1)) {
			String settings = new JdbcTemplate(single).queryForObject(SETTINGS, String.class);
			new JdbcTaskAdmin(single, TaskTable.inSearchPath(), this.wakeups).counts();
			assertThat(new JdbcTemplate(single).queryForObject(SETTINGS, String.class)).isEqualTo(settings);
		}
	}

	@Test
	void theTableMayBeInAnyOtherSchema() {
		TaskTable table = TaskTable.inSchema("Strange \"schema\" :type ? {is} 🐘");
		TaskSchema.create(this.dataSource, table, false);
		UUID id = UUID.randomUUID();
		this.jdbc.update("INSERT INTO " + table + " (id, step, error) VALUES (?, '{\"T\":{\"S\":1}}', 'x')", id);
		JdbcTaskAdmin elsewhere = new JdbcTaskAdmin(this.dataSource, table, this.wakeups);
		assertThat(elsewhere.find(id)).isPresent();
		assertThat(elsewhere.find(TaskQuery.all().ofType("T").atStep("S").in(TaskState.ERRORED))).hasSize(1);
		assertThat(elsewhere.counts()).hasSize(1);
		assertThat(new ParkedTaskReader(this.dataSource, table).read(id)).isPresent();
		assertThat(elsewhere.delete(id)).isEqualTo(JdbcTaskAdmin.ActionResult.DONE);
	}

	@Test
	void nullsAreRefused() {
		assertThatNullPointerException().isThrownBy(() -> this.admin.find((TaskQuery) nothing()))
			.withMessageContaining("TaskQuery.all()");
		assertThatNullPointerException().isThrownBy(() -> this.admin.find((UUID) nothing()))
			.withMessage("The task's id must not be null");
		assertThatNullPointerException().isThrownBy(() -> this.reader.read(nothing()));
	}

	@Test
	void aParkedTaskIsReadAsAnEvent() {
		UUID id = insert("{\"Greeter\": {\"ReadName\":1}}");
		assertThat(this.reader.read(id)).isEmpty();
		this.jdbc.update("UPDATE pg_task SET error = 'no such file', tried = 6, parked_at = '2020-01-02T03:04:05Z'");
		assertThat(this.reader.read(id)).contains(new TaskErrorEvent(id, "Greeter", "ReadName", "no such file", 6,
				Instant.parse("2020-01-02T03:04:05Z")));
		assertThat(this.reader.read(UUID.randomUUID())).isEmpty();
	}

	@Test
	void aTaskParkedByHandIsReadAsAnEvent() {
		UUID id = insert("nonsense");
		this.jdbc.update("UPDATE pg_task SET error = 'by hand'");
		Optional<TaskErrorEvent> event = this.reader.read(id);
		assertThat(event).contains(new TaskErrorEvent(id, null, null, "by hand", 0, timeOf("updated_at", id)));
	}

	private UUID insertGreeter() {
		return insert("{\"Greeter\":{\"ReadName\":{\"filename\":\"name.txt\"}}}");
	}

	private UUID insert(String text) {
		UUID id = TaskIds.shared().next();
		this.jdbc.update("INSERT INTO pg_task (id, step) VALUES (?, ?)", id, text);
		return id;
	}

	private UUID insert(String text, TaskState state) {
		UUID id = insert(text);
		switch (state) {
			case READY -> {
			}
			case SCHEDULED ->
				this.jdbc.update("UPDATE pg_task SET wakeup_at = now() + interval '1 day' WHERE id = ?", id);
			case RUNNING -> this.jdbc.update("""
					UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 day'
					WHERE id = ?""", id);
			case HELD -> this.jdbc.update("UPDATE pg_task SET hold = 'reserved' WHERE id = ?", id);
			case ERRORED -> this.jdbc.update("UPDATE pg_task SET error = 'failed' WHERE id = ?", id);
		}
		return id;
	}

	private List<String> find(TaskQuery query) {
		return this.admin.find(query)
			.stream()
			.map((task) -> task.taskType() + "." + task.step() + "." + task.state())
			.toList();
	}

	private TaskState stateOf(String change) {
		UUID id = insertGreeter();
		this.jdbc.update("UPDATE pg_task SET " + change + " WHERE id = ?", id);
		return this.admin.find(id).orElseThrow().state();
	}

	private Instant timeOf(String column, UUID id) {
		return this.jdbc.query("SELECT " + column + " FROM pg_task WHERE id = ?", (rows) -> {
			rows.next();
			return rows.getObject(1, OffsetDateTime.class).toInstant();
		}, id);
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

}
