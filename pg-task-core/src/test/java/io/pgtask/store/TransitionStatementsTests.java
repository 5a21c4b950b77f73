package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TransitionStatements}: what each transition makes of its row, and the
 * fence around it.
 */
@PostgresTest
class TransitionStatementsTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final UUID TOKEN = UUID.randomUUID();

	private static final String NEXT = """
			{"Greeter":{"SayHello":{"name":"Fritz"}}}""";

	private final TransitionStatements statements = new TransitionStatements(TaskTable.inSearchPath());

	private final List<ClaimKey> cancelled = new ArrayList<>();

	private final TestDatabase database;

	private final TaskRows rows;

	TransitionStatementsTests(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@Test
	void aFinishedTaskIsDeleted() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		UUID other = this.rows.insertLeased(TOKEN, MINUTE);
		assertSaved(Kind.FINISH, id);
		assertThat(this.rows.ids()).containsExactly(other);
	}

	@Test
	void anImmediateStepKeepsTheLeaseAndStartsWithoutFailures() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		Map<String, Object> before = this.rows.row(id);
		assertSaved(Kind.ADVANCE, id);
		Map<String, Object> after = this.rows.row(id);
		assertThat(after).containsEntry("step", NEXT)
			.containsEntry("tried", 0)
			.containsEntry("delivery", 1)
			.containsEntry("last_error", null);
		for (String untouched : List.of("locked_by", "lock_expires_at", "wakeup_at", "created_at", "task")) {
			assertThat(after).containsEntry(untouched, before.get(untouched));
		}
	}

	@Test
	void anImmediateStepTouchesNoIndex() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.execute("VACUUM pg_task");
		this.rows.callInTransaction((connection) -> {
			int before = rewrites(connection);
			this.statements.save(connection, List.of(Kind.ADVANCE.of(id)), (cancelled) -> {
			});
			assertThat(rewrites(connection)).as("updates that were not heap-only").isEqualTo(before);
			return true;
		});
	}

	@Test
	void immediateStepsOfWholePagesTouchNoIndex() throws SQLException {
		this.rows.execute("""
				INSERT INTO pg_task (step, quiet)
				SELECT '{"Greeter":{"ReadName":{"filename":"' || n || '"}}}', true FROM generate_series(1, 500) n
				""");
		this.rows.execute("VACUUM pg_task");
		List<Transition> next = new ArrayList<>();
		this.rows
			.callInTransaction((connection) -> new ClaimStatement(TaskTable.inSearchPath()).claim(connection,
					List.of(new Probe("Greeter", 4, 500, Instant.MIN)), TOKEN, MINUTE))
			.forEach((task) -> next.add(new Transition.Advance(task.id(), TOKEN, NEXT)));
		this.rows.callInTransaction((connection) -> {
			int before = rewrites(connection);
			this.statements.save(connection, next, (cancelled) -> {
			});
			assertThat(rewrites(connection) - before).as("updates that were not heap-only").isLessThan(50);
			return true;
		});
	}

	@Test
	void aDelayedStepReleasesTheTaskUntilItsTimeByTheClockOfTheDatabase() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		assertSaved(Kind.DELAY, id);
		assertThat(this.rows.row(id)).containsEntry("step", NEXT)
			.containsEntry("tried", 0)
			.containsEntry("delivery", 0)
			.containsEntry("last_error", null)
			.containsEntry("error", null)
			.containsEntry("locked_by", null)
			.containsEntry("lock_expires_at", null);
		assertThat(this.rows.matches(id, "wakeup_at = updated_at + interval '1 hour'")).isTrue();
	}

	@Test
	void aStepAtAnInstantReleasesTheTaskUntilThen() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		Instant instant = Instant.parse("2999-01-02T03:04:05.123456Z");
		save(Transition.Release.next(id, TOKEN, NEXT, null, instant));
		assertThat(this.rows.matches(id, "wakeup_at = '" + instant + "' AND locked_by IS NULL")).isTrue();
	}

	@Test
	void aFailedAttemptIsCountedAndTheStepReleasedUntilItsRetry() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		assertSaved(Kind.RETRY, id);
		assertThat(this.rows.row(id)).containsEntry("step", TaskRows.STEP)
			.containsEntry("tried", 2)
			.containsEntry("delivery", 2)
			.containsEntry("last_error", "no luck")
			.containsEntry("error", null)
			.containsEntry("parked_at", null)
			.containsEntry("locked_by", null)
			.containsEntry("lock_expires_at", null);
		assertThat(this.rows.matches(id, "wakeup_at = updated_at + interval '5 seconds'")).isTrue();
	}

	@Test
	void aParkedTaskKeepsItsStepAndCarriesTheError() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		assertSaved(Kind.PARK, id);
		assertThat(this.rows.row(id)).containsEntry("step", TaskRows.STEP)
			.containsEntry("tried", 3)
			.containsEntry("error", "no luck at all")
			.containsEntry("last_error", "no luck at all")
			.containsEntry("locked_by", null)
			.containsEntry("lock_expires_at", null);
		assertThat(this.rows.matches(id, "wakeup_at = updated_at AND parked_at = updated_at")).isTrue();
	}

	@Test
	void aTaskThatIsGivenBackIsAsItWasBeforeTheClaim() throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		Map<String, Object> before = this.rows.row(id);
		assertSaved(Kind.GIVE_BACK, id);
		assertThat(this.rows.row(id)).containsEntry("step", TaskRows.STEP)
			.containsEntry("tried", 1)
			.containsEntry("delivery", 1)
			.containsEntry("last_error", "again")
			.containsEntry("wakeup_at", before.get("wakeup_at"))
			.containsEntry("locked_by", null);
	}

	@Test
	void nobodyIsToldThatALapsedReservationIsDone() throws SQLException {
		for (String hold : List.of("NULL", "'reserved'")) {
			UUID id = this.rows.insertLeased(TOKEN, MINUTE);
			this.rows.update(id, "awaited = true, hold = " + hold);
			try (Listener listener = new Listener(this.database, EndNotice.CHANNEL)) {
				save(new Transition.Finish(id, TOKEN));
				assertThat(listener.received()).isEqualTo(hold.equals("NULL") ? List.of("done " + id) : List.of());
			}
		}
	}

	@Test
	void onlyAClaimThatEndsBeforeItsStepHasBegunKeepsTheDeadline() throws SQLException {
		UUID postponed = insertWithDeadline();
		save(Transition.Release.postpone(postponed, TOKEN, Duration.ZERO, null, 0, 1, "no connection", false));
		assertThat(this.rows.matches(postponed, "deadline IS NOT NULL")).isTrue();
		UUID givenBack = insertWithDeadline();
		save(new Transition.GiveBack(givenBack, TOKEN));
		assertThat(this.rows.matches(givenBack, "deadline IS NOT NULL")).isTrue();
		for (Transition begun : List.of(new Transition.Advance(insertWithDeadline(), TOKEN, NEXT),
				Transition.Release.next(insertWithDeadline(), TOKEN, NEXT, Duration.ZERO, null),
				Transition.Release.retry(insertWithDeadline(), TOKEN, Duration.ZERO, null, 1, 1, "failed"),
				Transition.Release.park(insertWithDeadline(), TOKEN, 0, 1, "expired"))) {
			save(begun);
			assertThat(this.rows.matches(begun.id(), "deadline IS NULL")).as(begun.toString()).isTrue();
		}
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSavedWhenAnotherClaimHasTheTask(Kind kind) throws SQLException {
		UUID id = this.rows.insertLeased(UUID.randomUUID(), MINUTE);
		assertRefused(kind, id);
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSavedWhenTheLeaseWasTakenAway(Kind kind) throws SQLException {
		UUID id = this.rows.insert();
		assertRefused(kind, id);
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSavedAfterTheLeaseHasEndedEvenIfNobodyTookIt(Kind kind) throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, Duration.ZERO);
		assertRefused(kind, id);
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSavedWhenTheLeaseEndsWithinTheTransaction(Kind kind) throws SQLException {
		UUID id = this.rows.insertLeased(TOKEN, Duration.ofMillis(100));
		Map<String, Object> before = this.rows.row(id);
		Set<ClaimKey> saved = this.rows.callInTransaction((connection) -> {
			try (var statement = connection.createStatement()) {
				statement.execute("SELECT pg_sleep(0.15)");
			}
			return this.statements.save(connection, List.of(kind.of(id)), (cancelled) -> {
			});
		});
		assertThat(saved).isEmpty();
		assertThat(this.rows.row(id)).isEqualTo(before);
	}

	@ParameterizedTest
	@EnumSource
	void whatTheDatabaseRefusesIsAnErrorAndSavesNothing(Kind kind) {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		UUID bystander = this.rows.insertLeased(TOKEN, MINUTE);
		Map<String, Object> before = this.rows.row(id);
		this.rows.execute("""
				CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN RAISE EXCEPTION 'refused by the user'; END $$
				""");
		this.rows.execute("CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON pg_task FOR EACH ROW WHEN (OLD.id = '" + id
				+ "') EXECUTE FUNCTION refuse()");
		try {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> save(kind.of(bystander), kind.of(id)))
				.withMessageContaining("refused by the user");
			assertThat(this.rows.row(id)).isEqualTo(before);
			assertThat(this.rows.row(bystander)).containsEntry("locked_by", TOKEN);
		}
		finally {
			this.rows.execute("DROP TRIGGER refuse ON pg_task");
		}
	}

	@Test
	void oneLostLeaseCostsTheOthersOfABatchNothing() throws SQLException {
		UUID lost = this.rows.insertLeased(UUID.randomUUID(), MINUTE);
		UUID finished = this.rows.insertLeased(TOKEN, MINUTE);
		UUID retried = this.rows.insertLeased(TOKEN, MINUTE);
		Set<ClaimKey> saved = save(Kind.FINISH.of(lost), Kind.FINISH.of(finished), Kind.RETRY.of(retried));
		assertThat(saved).extracting(ClaimKey::id).containsExactlyInAnyOrder(finished, retried);
		assertThat(this.rows.ids()).containsExactlyInAnyOrder(lost, retried);
	}

	@ParameterizedTest
	@EnumSource
	void onlyTheEndOfAnAwaitedTaskIsTold(Kind kind) throws SQLException {
		UUID awaited = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.update(awaited, "awaited = true");
		UUID unawaited = this.rows.insertLeased(TOKEN, MINUTE);
		try (Listener listener = new Listener(this.database, EndNotice.CHANNEL)) {
			save(kind.of(awaited), kind.of(unawaited));
			switch (kind) {
				case FINISH -> assertThat(listener.received()).containsExactly("done " + awaited);
				case PARK -> assertThat(listener.received()).containsExactly("errored " + awaited);
				default -> assertThat(listener.received()).isEmpty();
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void aTaskThatIsToBeCancelledEndsWithWhateverIsSaved(Kind kind) throws SQLException {
		UUID asked = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.update(asked, "cancel_requested_at = now(), awaited = true");
		UUID other = this.rows.insertLeased(TOKEN, MINUTE);
		ClaimKey key = new ClaimKey(asked, TOKEN);
		try (Listener listener = new Listener(this.database, EndNotice.CHANNEL)) {
			assertThat(save(kind.of(asked), kind.of(other))).containsExactlyInAnyOrder(key, new ClaimKey(other, TOKEN));
			switch (kind) {
				case FINISH -> assertThat(listener.received()).containsExactly("done " + asked);
				default -> {
					assertThat(listener.received()).containsExactly("cancelled " + asked);
					assertThat(this.cancelled).containsExactly(key);
					assertThat(this.rows.ids()).containsExactly(other);
				}
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void whoHasLostItsLeaseCannotEvenEndATaskThatIsToBeCancelled(Kind kind) throws SQLException {
		UUID id = this.rows.insertLeased(UUID.randomUUID(), MINUTE);
		this.rows.update(id, "cancel_requested_at = now()");
		assertRefused(kind, id);
		assertThat(this.cancelled).isEmpty();
	}

	@Test
	void aBatchOfWhichNothingIsAwaitedOrCancelledSendsNoStatementMore() throws SQLException {
		UUID finished = this.rows.insertLeased(TOKEN, MINUTE);
		UUID parked = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.call((connection) -> {
			List<RecordedStatement> sent = RecordedStatement.of(connection, (recorder) -> this.statements.save(recorder,
					List.of(Kind.FINISH.of(finished), Kind.PARK.of(parked)), this.cancelled::add));
			assertThat(sent).extracting(RecordedStatement::sql)
				.hasSize(2)
				.noneMatch((sql) -> sql.contains("pg_notify"));
			connection.setAutoCommit(true);
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

	private UUID insertWithDeadline() {
		UUID id = this.rows.insertLeased(TOKEN, MINUTE);
		this.rows.update(id, "deadline = now() + interval '1 hour', delivery = 1, tried = 0");
		return id;
	}

	private void assertSaved(Kind kind, UUID id) throws SQLException {
		assertThat(save(kind.of(id))).containsExactly(new ClaimKey(id, TOKEN));
	}

	private void assertRefused(Kind kind, UUID id) throws SQLException {
		Map<String, Object> before = this.rows.row(id);
		assertThat(save(kind.of(id))).isEmpty();
		assertThat(this.rows.row(id)).isEqualTo(before);
	}

	private Set<ClaimKey> save(Transition... transitions) throws SQLException {
		return this.rows.callInTransaction(
				(connection) -> this.statements.save(connection, List.of(transitions), this.cancelled::add));
	}

	enum Kind {

		FINISH(Transition.Finish::new),

		ADVANCE((id, token) -> new Transition.Advance(id, token, NEXT)),

		DELAY((id, token) -> Transition.Release.next(id, token, NEXT, Duration.ofHours(1), null)),

		RETRY((id, token) -> Transition.Release.retry(id, token, Duration.ofSeconds(5), null, 2, 2, "no luck")),

		PARK((id, token) -> Transition.Release.park(id, token, 3, 3, "no luck at all")),

		GIVE_BACK(Transition.GiveBack::new);

		private final BiFunction<UUID, UUID, Transition> transition;

		Kind(BiFunction<UUID, UUID, Transition> transition) {
			this.transition = transition;
		}

		Transition of(UUID id) {
			return this.transition.apply(id, TOKEN);
		}

	}

}
