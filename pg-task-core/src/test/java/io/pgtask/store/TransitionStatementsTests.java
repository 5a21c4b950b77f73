package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TransitionStatements}: what becomes of a row.
 */
@PostgresTest
class TransitionStatementsTests {

	private final SavedTransitions saved;

	private final TaskRows rows;

	TransitionStatementsTests(TestDatabase database) {
		this.saved = new SavedTransitions(database);
		this.rows = this.saved.rows();
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@Test
	void aFinishedTaskIsDeleted() throws SQLException {
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		UUID other = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.saved.assertSaved(TransitionKind.FINISH, id);
		assertThat(this.rows.ids()).containsExactly(other);
	}

	@Test
	void anImmediateStepKeepsTheLeaseAndStartsWithoutFailures() throws SQLException {
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		Map<String, Object> before = this.rows.row(id);
		this.saved.assertSaved(TransitionKind.ADVANCE, id);
		Map<String, Object> after = this.rows.row(id);
		assertThat(after).containsEntry("step", TransitionKind.NEXT)
			.containsEntry("tried", 0)
			.containsEntry("delivery", 1)
			.containsEntry("last_error", null);
		for (String untouched : List.of("locked_by", "lock_expires_at", "wakeup_at", "created_at", "task")) {
			assertThat(after).containsEntry(untouched, before.get(untouched));
		}
	}

	@Test
	void anImmediateStepTouchesNoIndex() throws SQLException {
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.rows.execute("VACUUM pg_task");
		this.rows.callInTransaction((connection) -> {
			int before = rewrites(connection);
			this.saved.statements().save(connection, List.of(TransitionKind.ADVANCE.of(id)), (cancelled) -> {
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
					List.of(new Probe("Greeter", 4, 500, Instant.MIN)), TransitionKind.TOKEN, SavedTransitions.MINUTE))
			.forEach((task) -> next.add(new Transition.Advance(task.id(), TransitionKind.TOKEN, TransitionKind.NEXT)));
		this.rows.callInTransaction((connection) -> {
			int before = rewrites(connection);
			this.saved.statements().save(connection, next, (cancelled) -> {
			});
			assertThat(rewrites(connection) - before).as("updates that were not heap-only").isLessThan(50);
			return true;
		});
	}

	@Test
	void aDelayedStepReleasesTheTaskUntilItsTimeByTheClockOfTheDatabase() throws SQLException {
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.saved.assertSaved(TransitionKind.DELAY, id);
		assertThat(this.rows.row(id)).containsEntry("step", TransitionKind.NEXT)
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
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		Instant instant = Instant.parse("2999-01-02T03:04:05.123456Z");
		this.saved.save(Transition.Release.next(id, TransitionKind.TOKEN, TransitionKind.NEXT, null, instant));
		assertThat(this.rows.matches(id, "wakeup_at = '" + instant + "' AND locked_by IS NULL")).isTrue();
	}

	@Test
	void aFailedAttemptIsCountedAndTheStepReleasedUntilItsRetry() throws SQLException {
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.saved.assertSaved(TransitionKind.RETRY, id);
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
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.saved.assertSaved(TransitionKind.PARK, id);
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
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		Map<String, Object> before = this.rows.row(id);
		this.saved.assertSaved(TransitionKind.GIVE_BACK, id);
		assertThat(this.rows.row(id)).containsEntry("step", TaskRows.STEP)
			.containsEntry("tried", 1)
			.containsEntry("delivery", 1)
			.containsEntry("last_error", "again")
			.containsEntry("wakeup_at", before.get("wakeup_at"))
			.containsEntry("locked_by", null);
	}

	@Test
	void onlyAClaimThatEndsBeforeItsStepHasBegunKeepsTheDeadline() throws SQLException {
		UUID postponed = insertWithDeadline();
		this.saved.save(Transition.Release.postpone(postponed, TransitionKind.TOKEN, Duration.ZERO, null, 0, 1,
				"no connection", false));
		assertThat(this.rows.matches(postponed, "deadline IS NOT NULL")).isTrue();
		UUID givenBack = insertWithDeadline();
		this.saved.save(new Transition.GiveBack(givenBack, TransitionKind.TOKEN));
		assertThat(this.rows.matches(givenBack, "deadline IS NOT NULL")).isTrue();
		for (Transition begun : List.of(
				new Transition.Advance(insertWithDeadline(), TransitionKind.TOKEN, TransitionKind.NEXT),
				Transition.Release.next(insertWithDeadline(), TransitionKind.TOKEN, TransitionKind.NEXT, Duration.ZERO,
						null),
				Transition.Release.retry(insertWithDeadline(), TransitionKind.TOKEN, Duration.ZERO, null, 1, 1,
						"failed"),
				Transition.Release.park(insertWithDeadline(), TransitionKind.TOKEN, 0, 1, "expired"))) {
			this.saved.save(begun);
			assertThat(this.rows.matches(begun.id(), "deadline IS NULL")).as(begun.toString()).isTrue();
		}
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
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.rows.update(id, "deadline = now() + interval '1 hour', delivery = 1, tried = 0");
		return id;
	}

}
