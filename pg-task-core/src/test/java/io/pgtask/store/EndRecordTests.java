package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

import io.pgtask.EndedTask;
import io.pgtask.OnConflict;
import io.pgtask.PassedStep;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskOptions;
import io.pgtask.TaskOutcome;
import io.pgtask.TaskSelection;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the records of ended tasks: who ends a task writes one, and nobody else.
 */
@PostgresTest
class EndRecordTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final UUID TOKEN = UUID.fromString("0123abcd-0123-abcd-8888-000000000001");

	private static final String NEXT = """
			{"Greeter":{"SayHello":{"name":"Fritz"}}}""";

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL);

	private final TransitionStatements statements = new TransitionStatements(TABLE);

	private final TestDatabase database;

	private final TaskRows rows;

	private final Wakeups wakeups;

	private final JdbcTaskHistory history;

	EndRecordTests(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
		this.wakeups = new Wakeups(database.dataSource());
		this.history = new JdbcTaskHistory(database.dataSource(), TABLE);
	}

	@BeforeEach
	void emptyTables() {
		this.rows.reset();
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@Test
	void aTaskThatIsDoneLeavesARecordOfItself() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.update(id, """
				tags = '{b,a}', unique_key = 'k', headers = '{"h":"1"}', priority = 7,
				created_at = now() - interval '1 hour'""");
		save(new Transition.Finish(id, TOKEN));
		assertThat(this.rows.ids()).isEmpty();
		assertThat(ended(id)).satisfies((task) -> {
			assertThat(task.taskType()).isEqualTo("Greeter");
			assertThat(task.step()).isEqualTo("ReadName");
			assertThat(task.outcome()).isEqualTo(TaskOutcome.DONE);
			assertThat(task.stateJson()).as("may hold personal data").isNull();
			assertThat(task.error()).isEqualTo("again");
			assertThat(task.tried()).isEqualTo(1);
			assertThat(task.delivery()).isEqualTo(2);
			assertThat(task.priority()).isEqualTo(7);
			assertThat(task.worker()).isEqualTo("0123abcd0123abcd");
			assertThat(task.headers()).isEqualTo(Map.of("h", "1"));
			assertThat(task.tags()).containsExactly("a", "b");
			assertThat(task.uniqueKey()).isEqualTo("k");
			assertThat(task.passed()).isEmpty();
			assertThat(task.duration()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(70));
		});
	}

	@Test
	void withoutAHistoryATaskIsDeletedByTheStatementThatDeletesItAndByNothingElse() throws SQLException {
		TransitionStatements plain = new TransitionStatements(TaskTable.inSearchPath());
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		assertThat(sent(plain, new Transition.Finish(id, TOKEN))).singleElement()
			.asString()
			.startsWith("DELETE FROM pg_task t")
			.doesNotContain("history", "passed");
		List<Transition.Finish> many = manyClaims();
		assertThat(sent(plain, many.toArray(Transition[]::new))).singleElement()
			.asString()
			.startsWith("DELETE FROM pg_task t")
			.doesNotContain("history");
		assertThat(sent(plain, new Transition.Advance(id, TOKEN, NEXT),
				Transition.Release.next(many.get(0).id(), many.get(0).token(), NEXT, MINUTE, null)))
			.hasSize(2)
			.noneMatch((sql) -> sql.contains("passed"));
		this.rows.callInTransaction(
				(connection) -> plain.save(connection, List.of(new Transition.Finish(id, TOKEN)), (cancelled) -> {
				}));
		assertThat(records()).isZero();
	}

	@Test
	void withAHistoryItIsOneStatementAsWell() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		assertThat(sent(this.statements, new Transition.Finish(id, TOKEN))).hasSize(1);
		assertThat(sent(this.statements, manyClaims().toArray(Transition[]::new))).hasSize(1);
		assertThat(this.history.find(id)).as("rolled back with the end").isEmpty();
	}

	@Test
	void tasksOfManyClaimsAreRecordedTogether() throws SQLException {
		List<Transition.Finish> many = manyClaims();
		Set<ClaimKey> saved = save(many.toArray(Transition[]::new));
		assertThat(saved).hasSameSizeAs(many);
		for (Transition.Finish each : many) {
			assertThat(ended(each.id()).worker()).isEqualTo(each.token().toString().replace("-", "").substring(0, 16));
		}
	}

	@Test
	void whoHasLostTheLeaseRecordsNothing() throws SQLException {
		UUID lost = this.rows.insertLeased(UUID.randomUUID(), MINUTE);
		UUID over = this.rows.insertLeased(TOKEN, Duration.ZERO);
		assertThat(save(new Transition.Finish(lost, TOKEN), new Transition.Finish(over, TOKEN))).isEmpty();
		assertThat(records()).isZero();
		assertThat(this.rows.ids()).hasSize(2);
	}

	@Test
	void aRecordThatIsRefusedRefusesTheEnd() {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.execute("ALTER TABLE pg_task_history ADD CONSTRAINT refused CHECK (priority <> 4)");
		try {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> save(new Transition.Finish(id, TOKEN)))
				.withMessageContaining("refused");
			assertThat(this.rows.ids()).containsExactly(id);
		}
		finally {
			this.rows.execute("ALTER TABLE pg_task_history DROP CONSTRAINT refused");
		}
	}

	@Test
	void theStatesATaskPassesAreRecordedWithTheirTimesAndAttempts() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		save(new Transition.Advance(id, TOKEN, NEXT));
		save(Transition.Release.next(id, TOKEN, """
				{"Greeter":{"Wave":null}}""", Duration.ZERO, null));
		assertThat(this.rows.matches(id, "jsonb_array_length(passed) = 2")).isTrue();
		reclaim(id);
		save(new Transition.Finish(id, TOKEN));
		EndedTask task = ended(id);
		assertThat(task.step()).isEqualTo("Wave");
		assertThat(task.passed()).extracting(PassedStep::number).containsExactly(1, 2);
		assertThat(task.passed()).extracting(PassedStep::step).containsExactly("ReadName", "SayHello");
		assertThat(task.passed().get(0)).satisfies((first) -> {
			assertThat(first.tried()).isEqualTo(1);
			assertThat(first.delivery()).isEqualTo(2);
			assertThat(first.error()).isEqualTo("again");
			assertThat(first.worker()).isEqualTo("0123abcd0123abcd");
			assertThat(first.leftAt()).isBetween(task.createdAt(), task.endedAt());
		});
		assertThat(task.passed().get(1)).satisfies((second) -> {
			assertThat(second.tried()).isZero();
			assertThat(second.error()).isNull();
			assertThat(second.leftAt()).isBetween(task.passed().get(0).leftAt(), task.endedAt());
		});
	}

	@Test
	void whoPassesAStateStillTouchesNoIndex() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.execute("VACUUM pg_task");
		this.rows.callInTransaction((connection) -> {
			int before = rewrites(connection);
			this.statements.save(connection, List.of(new Transition.Advance(id, TOKEN, NEXT)), (cancelled) -> {
			});
			assertThat(rewrites(connection)).as("updates that were not heap-only").isEqualTo(before);
			return true;
		});
	}

	/** How many updates of this session went through the indexes. */
	private static int rewrites(Connection connection) throws SQLException {
		try (var statement = connection.createStatement();
				var row = statement.executeQuery("SELECT n_tup_upd - n_tup_hot_upd FROM pg_stat_xact_user_tables"
						+ " WHERE relid = 'pg_task'::regclass")) {
			assertThat(row.next()).isTrue();
			return row.getInt(1);
		}
	}

	@Test
	void aFailedAttemptAndACheckpointPassNoState() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		save(new Transition.Checkpoint(id, TOKEN, TaskRows.STEP, false, MINUTE));
		save(Transition.Release.retry(id, TOKEN, Duration.ZERO, null, 2, 2, "no luck"));
		reclaim(id);
		save(Transition.Release.park(id, TOKEN, 3, 3, "no luck at all"));
		assertThat(this.rows.matches(id, "passed IS NULL")).isTrue();
	}

	@Test
	void ofATaskThatGoesRoundInACircleTheLatestStatesAreKept() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		for (int i = 0; i < 60; i++) {
			save(new Transition.Advance(id, TOKEN, NEXT));
		}
		save(new Transition.Finish(id, TOKEN));
		assertThat(ended(id).passed()).hasSize(50)
			.extracting(PassedStep::number)
			.containsExactlyElementsOf(IntStream.rangeClosed(11, 60).boxed().toList());
	}

	@Test
	void statesAreNotRecordedWhereNobodyWantsThem() throws SQLException {
		TaskTable table = TaskTable.inSearchPath()
			.keeping(new HistorySettings(Set.of(TaskOutcome.DONE), false, false, false));
		TransitionStatements withoutSteps = new TransitionStatements(table);
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		assertThat(sent(withoutSteps, new Transition.Advance(id, TOKEN, NEXT))).singleElement()
			.asString()
			.doesNotContain("passed");
	}

	@Test
	void theLastStateIsKeptOnRequest() throws SQLException {
		TransitionStatements keeping = new TransitionStatements(
				TaskTable.inSearchPath().keeping(HistorySettings.ALL.withState(true)));
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.callInTransaction(
				(connection) -> keeping.save(connection, List.of(new Transition.Finish(id, TOKEN)), (cancelled) -> {
				}));
		assertThat(ended(id).stateJson()).isEqualTo("{\"filename\":\"name.txt\"}");
	}

	@Test
	void onlyTheOutcomesThatAreWantedAreRecorded() throws SQLException {
		TransitionStatements onlyExpired = new TransitionStatements(
				TaskTable.inSearchPath().keeping(new HistorySettings(Set.of(TaskOutcome.EXPIRED), true, false, false)));
		UUID done = this.rows.insertLeased(TOKEN, MINUTE);
		UUID expired = this.rows.insertLeased(TOKEN, MINUTE);
		Set<ClaimKey> saved = this.rows.callInTransaction((connection) -> onlyExpired.save(connection,
				List.of(new Transition.Finish(done, TOKEN), new Transition.Finish(expired, TOKEN, TaskOutcome.EXPIRED)),
				(cancelled) -> {
				}));
		assertThat(saved).hasSize(2);
		assertThat(this.history.find(done)).isEmpty();
		assertThat(ended(expired).outcome()).isEqualTo(TaskOutcome.EXPIRED);
	}

	@Test
	void whatAnOperatorEndsIsRecordedAsHisDoing() {
		JdbcTaskAdmin admin = new JdbcTaskAdmin(this.database.dataSource(), TABLE, this.wakeups);
		UUID cancelled = this.rows.insert();
		UUID deleted = this.rows.insert("error = 'no luck'");
		UUID tagged = this.rows.insert("tags = '{old}'");
		UUID leftBehind = this.rows.insert("locked_by = gen_random_uuid(), lock_expires_at = now() - interval '1 s'");
		UUID running = this.rows.insertLeased(TOKEN, MINUTE);
		assertThat(admin.cancel(cancelled)).isEqualTo(TaskAdmin.ActionResult.DONE);
		assertThat(admin.delete(deleted)).isEqualTo(TaskAdmin.ActionResult.DONE);
		assertThat(admin.deleteTagged("old")).isEqualTo(1);
		assertThat(admin.cancel(leftBehind)).isEqualTo(TaskAdmin.ActionResult.DONE);
		assertThat(admin.cancel(running)).isEqualTo(TaskAdmin.ActionResult.REQUESTED);
		assertThat(ended(cancelled).outcome()).isEqualTo(TaskOutcome.CANCELLED);
		assertThat(ended(deleted)).satisfies((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.DELETED);
			assertThat(task.error()).isEqualTo("no luck");
		});
		assertThat(ended(tagged).outcome()).isEqualTo(TaskOutcome.DELETED);
		assertThat(ended(leftBehind).worker()).as("none of this").isNull();
		assertThat(records()).isEqualTo(4);
	}

	@Test
	void aTaskThatAWorkerWasAskedToCancelIsRecordedAsItsDoingWhateverItSaves() throws SQLException {
		UUID advanced = this.rows.insertLeased(TOKEN, MINUTE);
		UUID released = this.rows.insertLeased(TOKEN, MINUTE);
		UUID givenBack = this.rows.insertLeased(TOKEN, MINUTE);
		UUID done = this.rows.insertLeased(TOKEN, MINUTE);
		JdbcTaskAdmin admin = new JdbcTaskAdmin(this.database.dataSource(), TABLE, this.wakeups);
		assertThat(admin.cancel(TaskSelection.all()).requested()).isEqualTo(4);
		assertThat(records()).isZero();
		save(new Transition.Advance(advanced, TOKEN, NEXT),
				Transition.Release.next(released, TOKEN, NEXT, Duration.ofDays(1), null),
				new Transition.GiveBack(givenBack, TOKEN), new Transition.Finish(done, TOKEN));
		assertThat(this.rows.ids()).isEmpty();
		assertThat(List.of(ended(advanced), ended(released), ended(givenBack))).allSatisfy((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.CANCELLED);
			assertThat(task.worker()).isEqualTo("0123abcd0123abcd");
		});
		assertThat(ended(advanced).passed()).extracting(PassedStep::step).containsExactly("ReadName");
		assertThat(ended(givenBack).passed()).isEmpty();
		assertThat(ended(done).outcome()).isEqualTo(TaskOutcome.DONE);
		assertThat(records()).isEqualTo(4);
	}

	@Test
	void aSelectionThatIsCancelledOrDeletedIsRecordedTaskByTask() {
		JdbcTaskAdmin admin = new JdbcTaskAdmin(this.database.dataSource(), TABLE, this.wakeups);
		List<UUID> old = List.of(this.rows.insert("tags = '{old}'"), this.rows.insert("tags = '{old}'"));
		List<UUID> bad = List.of(this.rows.insert("tags = '{bad}'"), this.rows.insert("tags = '{bad}'"));
		assertThat(admin.cancel(TaskSelection.all().tagged("old")).done()).isEqualTo(2);
		assertThat(admin.delete(TaskSelection.all().tagged("bad")).done()).isEqualTo(2);
		assertThat(old).allSatisfy((id) -> assertThat(ended(id).outcome()).isEqualTo(TaskOutcome.CANCELLED));
		assertThat(bad).allSatisfy((id) -> assertThat(ended(id).outcome()).isEqualTo(TaskOutcome.DELETED));
	}

	@Test
	void aReservationThatGivesWayIsRecordedAsLapsed() {
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty());
		JdbcTaskClient client = new JdbcTaskClient(this.database.dataSource(), TABLE, codec, List.of(), this.wakeups);
		TaskOptions key = TaskOptions.DEFAULT.withUniqueKey("k", OnConflict.KEEP);
		UUID reserved = client.reserve(new Greeter.ReadName("a"), key, MINUTE);
		UUID enqueued = client.enqueue(new Greeter.ReadName("b"), key);
		assertThat(this.rows.ids()).containsExactly(enqueued);
		assertThat(ended(reserved).outcome()).isEqualTo(TaskOutcome.LAPSED);
	}

	@Test
	void aTaskThatReplacesAnotherHasPassedNothingYet() {
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty());
		JdbcTaskClient client = new JdbcTaskClient(this.database.dataSource(), TABLE, codec, List.of(), this.wakeups);
		TaskOptions key = TaskOptions.DEFAULT.withUniqueKey("k", OnConflict.REPLACE);
		UUID id = client.enqueue(new Greeter.ReadName("a"), key);
		this.rows.update(id, "passed = '[{\"n\":1}]'");
		assertThat(client.enqueue(new Greeter.ReadName("b"), key)).isEqualTo(id);
		assertThat(this.rows.matches(id, "passed IS NULL")).isTrue();
	}

	@Test
	void theNameOfAStepIsFoundWhateverTheTextLooksLike() {
		Map<String, String> names = Map.of(TaskRows.STEP, "ReadName", "{\"A\":{\"B\":null}}", "B",
				" {\n \"A\" : { \"B\" : 1 } }", "B", "{\"A\":{\"B\\\"C\":1}}", "B\\\"C", "{\"A\":{\"ü€😀\":1}}", "ü€😀",
				"{\"A\":1}", "none", "{\"A\":{}}", "none", "no JSON", "none", "", "none", "[\"A\",{\"B\":1}]", "none");
		names.forEach((text,
				name) -> assertThat(
						this.rows.strings("SELECT COALESCE(pg_task_step('" + text.replace("'", "''") + "'), 'none')"))
					.as(text)
					.containsExactly(name));
	}

	private List<Transition.Finish> manyClaims() {
		List<Transition.Finish> many = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			UUID token = UUID.randomUUID();
			many.add(new Transition.Finish(this.rows.insertLeased(token, MINUTE), token));
		}
		return many;
	}

	private void reclaim(UUID id) {
		this.rows.update(id, "locked_by = '" + TOKEN + "', lock_expires_at = now() + interval '1 minute'");
	}

	private List<String> sent(TransitionStatements statements, Transition... transitions) throws SQLException {
		return this.rows.call((connection) -> {
			List<RecordedStatement> sent = RecordedStatement.of(connection,
					(recorder) -> assertThat(statements.save(recorder, List.of(transitions), (cancelled) -> {
					})).hasSize(transitions.length));
			connection.setAutoCommit(true);
			return sent.stream().map(RecordedStatement::sql).toList();
		});
	}

	private Set<ClaimKey> save(Transition... transitions) throws SQLException {
		return this.rows
			.callInTransaction((connection) -> this.statements.save(connection, List.of(transitions), (cancelled) -> {
			}));
	}

	private EndedTask ended(UUID id) {
		return this.history.find(id).orElseThrow(() -> new AssertionError("There is no record of " + id));
	}

	private long records() {
		return Long.parseLong(this.rows.strings("SELECT count(*) FROM pg_task_history").get(0));
	}

}
