package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

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
 * Tests for {@link EndRecord}.
 */
@PostgresTest
class EndRecordTests {

	private final RecordedEnds ends;

	private final TaskRows rows;

	EndRecordTests(TestDatabase database) {
		this.ends = new RecordedEnds(database);
		this.rows = this.ends.rows();
	}

	@BeforeEach
	void emptyTables() {
		this.rows.reset();
	}

	@AfterEach
	void close() {
		this.ends.close();
	}

	@Test
	void aTaskThatIsDoneLeavesARecordOfItself() throws SQLException {
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		this.rows.update(id, """
				tags = '{b,a}', unique_key = 'k', headers = '{"h":"1"}', priority = 7,
				created_at = now() - interval '1 hour'""");
		this.ends.save(new Transition.Finish(id, RecordedEnds.TOKEN));
		assertThat(this.rows.ids()).isEmpty();
		assertThat(this.ends.ended(id)).satisfies((task) -> {
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
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		assertThat(this.ends.sent(plain, new Transition.Finish(id, RecordedEnds.TOKEN))).singleElement()
			.asString()
			.startsWith("DELETE FROM pg_task t")
			.doesNotContain("history", "passed");
		List<Transition.Finish> many = manyClaims();
		assertThat(this.ends.sent(plain, many.toArray(Transition[]::new))).singleElement()
			.asString()
			.startsWith("DELETE FROM pg_task t")
			.doesNotContain("history");
		assertThat(this.ends.sent(plain, new Transition.Advance(id, RecordedEnds.TOKEN, RecordedEnds.NEXT),
				Transition.Release.next(many.get(0).id(), many.get(0).token(), RecordedEnds.NEXT, RecordedEnds.MINUTE,
						null)))
			.hasSize(2)
			.noneMatch((sql) -> sql.contains("passed"));
		this.rows.callInTransaction((connection) -> plain.save(connection,
				List.of(new Transition.Finish(id, RecordedEnds.TOKEN)), (cancelled) -> {
				}));
		assertThat(this.ends.records()).isZero();
	}

	@Test
	void withAHistoryItIsOneStatementAsWell() throws SQLException {
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		assertThat(this.ends.sent(this.ends.statements(), new Transition.Finish(id, RecordedEnds.TOKEN))).hasSize(1);
		assertThat(this.ends.sent(this.ends.statements(), manyClaims().toArray(Transition[]::new))).hasSize(1);
		assertThat(this.ends.history().find(id)).as("rolled back with the end").isEmpty();
	}

	@Test
	void tasksOfManyClaimsAreRecordedTogether() throws SQLException {
		List<Transition.Finish> many = manyClaims();
		Set<ClaimKey> saved = this.ends.save(many.toArray(Transition[]::new));
		assertThat(saved).hasSameSizeAs(many);
		for (Transition.Finish each : many) {
			assertThat(this.ends.ended(each.id()).worker())
				.isEqualTo(each.token().toString().replace("-", "").substring(0, 16));
		}
	}

	@Test
	void whoHasLostTheLeaseRecordsNothing() throws SQLException {
		UUID lost = this.rows.insertLeased(UUID.randomUUID(), RecordedEnds.MINUTE);
		UUID over = this.rows.insertLeased(RecordedEnds.TOKEN, Duration.ZERO);
		assertThat(this.ends.save(new Transition.Finish(lost, RecordedEnds.TOKEN),
				new Transition.Finish(over, RecordedEnds.TOKEN)))
			.isEmpty();
		assertThat(this.ends.records()).isZero();
		assertThat(this.rows.ids()).hasSize(2);
	}

	@Test
	void aRecordThatIsRefusedRefusesTheEnd() {
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		this.rows.execute("ALTER TABLE pg_task_history ADD CONSTRAINT refused CHECK (priority <> 4)");
		try {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> this.ends.save(new Transition.Finish(id, RecordedEnds.TOKEN)))
				.withMessageContaining("refused");
			assertThat(this.rows.ids()).containsExactly(id);
		}
		finally {
			this.rows.execute("ALTER TABLE pg_task_history DROP CONSTRAINT refused");
		}
	}

	@Test
	void theLastStateIsKeptOnRequest() throws SQLException {
		TransitionStatements keeping = new TransitionStatements(
				TaskTable.inSearchPath().keeping(HistorySettings.ALL.withState(true)));
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		this.rows.callInTransaction((connection) -> keeping.save(connection,
				List.of(new Transition.Finish(id, RecordedEnds.TOKEN)), (cancelled) -> {
				}));
		assertThat(this.ends.ended(id).stateJson()).isEqualTo("{\"filename\":\"name.txt\"}");
	}

	@Test
	void onlyTheOutcomesThatAreWantedAreRecorded() throws SQLException {
		TransitionStatements onlyExpired = new TransitionStatements(
				TaskTable.inSearchPath().keeping(new HistorySettings(Set.of(TaskOutcome.EXPIRED), true, false, false)));
		UUID done = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		UUID expired = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		Set<ClaimKey> saved = this.rows.callInTransaction(
				(connection) -> onlyExpired.save(connection,
						List.of(new Transition.Finish(done, RecordedEnds.TOKEN),
								new Transition.Finish(expired, RecordedEnds.TOKEN, TaskOutcome.EXPIRED)),
						(cancelled) -> {
						}));
		assertThat(saved).hasSize(2);
		assertThat(this.ends.history().find(done)).isEmpty();
		assertThat(this.ends.ended(expired).outcome()).isEqualTo(TaskOutcome.EXPIRED);
	}

	@Test
	void whatAnOperatorEndsIsRecordedAsHisDoing() {
		JdbcTaskAdmin admin = new JdbcTaskAdmin(this.ends.database().dataSource(), RecordedEnds.TABLE,
				this.ends.wakeups());
		UUID cancelled = this.rows.insert();
		UUID deleted = this.rows.insert("error = 'no luck'");
		UUID tagged = this.rows.insert("tags = '{old}'");
		UUID leftBehind = this.rows.insert("locked_by = gen_random_uuid(), lock_expires_at = now() - interval '1 s'");
		UUID running = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		assertThat(admin.cancel(cancelled)).isEqualTo(TaskAdmin.ActionResult.DONE);
		assertThat(admin.delete(deleted)).isEqualTo(TaskAdmin.ActionResult.DONE);
		assertThat(admin.deleteTagged("old")).isEqualTo(1);
		assertThat(admin.cancel(leftBehind)).isEqualTo(TaskAdmin.ActionResult.DONE);
		assertThat(admin.cancel(running)).isEqualTo(TaskAdmin.ActionResult.REQUESTED);
		assertThat(this.ends.ended(cancelled).outcome()).isEqualTo(TaskOutcome.CANCELLED);
		assertThat(this.ends.ended(deleted)).satisfies((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.DELETED);
			assertThat(task.error()).isEqualTo("no luck");
		});
		assertThat(this.ends.ended(tagged).outcome()).isEqualTo(TaskOutcome.DELETED);
		assertThat(this.ends.ended(leftBehind).worker()).as("none of this").isNull();
		assertThat(this.ends.records()).isEqualTo(4);
	}

	@Test
	void aTaskThatAWorkerWasAskedToCancelIsRecordedAsItsDoingWhateverItSaves() throws SQLException {
		UUID advanced = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		UUID released = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		UUID givenBack = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		UUID done = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		JdbcTaskAdmin admin = new JdbcTaskAdmin(this.ends.database().dataSource(), RecordedEnds.TABLE,
				this.ends.wakeups());
		assertThat(admin.cancel(TaskSelection.all()).requested()).isEqualTo(4);
		assertThat(this.ends.records()).isZero();
		this.ends.save(new Transition.Advance(advanced, RecordedEnds.TOKEN, RecordedEnds.NEXT),
				Transition.Release.next(released, RecordedEnds.TOKEN, RecordedEnds.NEXT, Duration.ofDays(1), null),
				new Transition.GiveBack(givenBack, RecordedEnds.TOKEN),
				new Transition.Finish(done, RecordedEnds.TOKEN));
		assertThat(this.rows.ids()).isEmpty();
		assertThat(List.of(this.ends.ended(advanced), this.ends.ended(released), this.ends.ended(givenBack)))
			.allSatisfy((task) -> {
				assertThat(task.outcome()).isEqualTo(TaskOutcome.CANCELLED);
				assertThat(task.worker()).isEqualTo("0123abcd0123abcd");
			});
		assertThat(this.ends.ended(advanced).passed()).extracting(PassedStep::step).containsExactly("ReadName");
		assertThat(this.ends.ended(givenBack).passed()).isEmpty();
		assertThat(this.ends.ended(done).outcome()).isEqualTo(TaskOutcome.DONE);
		assertThat(this.ends.records()).isEqualTo(4);
	}

	@Test
	void aSelectionThatIsCancelledOrDeletedIsRecordedTaskByTask() {
		JdbcTaskAdmin admin = new JdbcTaskAdmin(this.ends.database().dataSource(), RecordedEnds.TABLE,
				this.ends.wakeups());
		List<UUID> old = List.of(this.rows.insert("tags = '{old}'"), this.rows.insert("tags = '{old}'"));
		List<UUID> bad = List.of(this.rows.insert("tags = '{bad}'"), this.rows.insert("tags = '{bad}'"));
		assertThat(admin.cancel(TaskSelection.all().tagged("old")).done()).isEqualTo(2);
		assertThat(admin.delete(TaskSelection.all().tagged("bad")).done()).isEqualTo(2);
		assertThat(old).allSatisfy((id) -> assertThat(this.ends.ended(id).outcome()).isEqualTo(TaskOutcome.CANCELLED));
		assertThat(bad).allSatisfy((id) -> assertThat(this.ends.ended(id).outcome()).isEqualTo(TaskOutcome.DELETED));
	}

	@Test
	void aReservationThatGivesWayIsRecordedAsLapsed() {
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty());
		JdbcTaskClient client = new JdbcTaskClient(this.ends.database().dataSource(), RecordedEnds.TABLE, codec,
				List.of(), this.ends.wakeups());
		TaskOptions key = TaskOptions.DEFAULT.withUniqueKey("k", OnConflict.KEEP);
		UUID reserved = client.reserve(new Greeter.ReadName("a"), key, RecordedEnds.MINUTE);
		UUID enqueued = client.enqueue(new Greeter.ReadName("b"), key);
		assertThat(this.rows.ids()).containsExactly(enqueued);
		assertThat(this.ends.ended(reserved).outcome()).isEqualTo(TaskOutcome.LAPSED);
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
			many.add(new Transition.Finish(this.rows.insertLeased(token, RecordedEnds.MINUTE), token));
		}
		return many;
	}

}
