package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ClaimStatement}: which rows it takes, and what it makes of them.
 */
@PostgresTest
class ClaimStatementTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final UUID TOKEN = UUID.randomUUID();

	private final ClaimStatement statement = new ClaimStatement(TaskTable.inSearchPath());

	private final TaskRows rows;

	ClaimStatementTests(TestDatabase database) {
		this.rows = new TaskRows(database);
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@Test
	void aClaimedTaskCarriesTheTokenAndALeaseByTheClockOfTheDatabase() throws SQLException {
		UUID id = this.rows.insert();
		ClaimedTask task = claimOne();
		assertThat(task.id()).isEqualTo(id);
		assertThat(task.token()).isEqualTo(TOKEN);
		assertThat(task.text()).isEqualTo(TaskRows.STEP);
		assertThat(task.taskType()).isEqualTo(TaskRows.TYPE);
		assertThat(this.rows.row(id)).containsEntry("locked_by", TOKEN).containsEntry("delivery", 1);
		assertThat(this.rows.matches(id, "lock_expires_at = updated_at + interval '1 minute'")).isTrue();
		assertThat(this.rows.matches(id, "updated_at BETWEEN created_at AND statement_timestamp()")).isTrue();
	}

	@Test
	void aLeaseIsRoundedUpToTheMicrosecond() throws SQLException {
		UUID id = this.rows.insert();
		claim(10, Duration.ofNanos(1));
		assertThat(this.rows.matches(id, "lock_expires_at = updated_at + interval '1 microsecond'")).isTrue();
	}

	@Test
	void aLeaseBeyondAllBoundsIsALongOne() throws SQLException {
		this.rows.insert();
		assertThat(claim(10, Duration.ofSeconds(Long.MAX_VALUE))).singleElement()
			.satisfies((task) -> assertThat(task.leaseExpiresAt()).isAfter(Instant.parse("+200000-01-01T00:00:00Z")));
	}

	@Test
	void onlyTasksThatAreDueAndFreeAndNotParkedAreTaken() throws SQLException {
		this.rows.insertLeased(UUID.randomUUID(), MINUTE);
		this.rows.insert("error = 'broken'");
		this.rows.insert("wakeup_at = statement_timestamp() + interval '1 minute'");
		UUID ready = this.rows.insert();
		assertThat(claim(10, MINUTE)).extracting(ClaimedTask::id).containsExactly(ready);
	}

	@Test
	void theTasksThatHaveBeenDueLongestAreTakenFirst() throws SQLException {
		UUID third = this.rows.insert("wakeup_at = statement_timestamp() - interval '1 minute'");
		UUID first = this.rows.insert("wakeup_at = statement_timestamp() - interval '3 minutes'");
		UUID second = this.rows.insert("wakeup_at = statement_timestamp() - interval '2 minutes'");
		assertThat(claim(1, MINUTE)).extracting(ClaimedTask::id).containsExactly(first);
		assertThat(claim(2, MINUTE)).extracting(ClaimedTask::id).containsExactlyInAnyOrder(second, third);
	}

	@Test
	void aTaskWhoseLeaseHasEndedIsTakenByTheNextClaim() throws SQLException {
		UUID id = this.rows.insertLeased(UUID.randomUUID(), Duration.ZERO);
		ClaimedTask task = claimOne();
		assertThat(task.id()).isEqualTo(id);
		assertThat(task.tried()).as("a lease that ended is no failed attempt").isEqualTo(1);
		assertThat(task.delivery()).as("but a delivery more").isEqualTo(3);
		assertThat(this.rows.row(id)).containsEntry("locked_by", TOKEN);
		assertThat(this.rows.matches(id, "lock_expires_at > statement_timestamp()")).isTrue();
	}

	@Test
	void aTaskOfTheFutureWhoseLeaseHasEndedWaitsForItsTime() throws SQLException {
		UUID id = this.rows.insertLeased(UUID.randomUUID(), Duration.ZERO);
		this.rows.update(id, "wakeup_at = statement_timestamp() + interval '1 minute'");
		assertThat(claim(10, MINUTE)).isEmpty();
	}

	@Test
	void aBatchIsTakenByOneStatementUnderOneToken() throws SQLException {
		this.rows.execute("INSERT INTO pg_task (step) SELECT '" + TaskRows.STEP + "' FROM generate_series(1, 300)");
		assertThat(claim(200, MINUTE)).hasSize(200).extracting(ClaimedTask::token).containsOnly(TOKEN);
		assertThat(claim(200, MINUTE)).hasSize(100);
	}

	@Test
	void aClaimLooksNoFurtherBackThanItsFloor() throws SQLException {
		UUID old = this.rows.insert("wakeup_at = statement_timestamp() - interval '1 hour'");
		UUID recent = this.rows.insert();
		Probe probe = new Probe(TaskRows.TYPE, 4, 10, Instant.now().minusSeconds(1800));
		assertThat(claim(probe, MINUTE)).extracting(ClaimedTask::id).containsExactly(recent);
		assertThat(claimOne().id()).isEqualTo(old);
	}

	@Test
	void nothingIsTakenFromAnEmptyTable() throws SQLException {
		assertThat(claim(10, MINUTE)).isEmpty();
	}

	@Test
	void typesThatAreNotAskedForAreLeftAlone() throws SQLException {
		UUID id = this.rows.insert("step = '{\"Stranger\":{\"ReadName\":null}}'");
		assertThat(claim(10, MINUTE)).isEmpty();
		assertThat(this.rows.matches(id, "locked_by IS NULL AND error IS NULL AND delivery = 0")).isTrue();
	}

	@Test
	void aTaskThatSomeoneElseIsClaimingIsSkipped() throws SQLException {
		UUID first = this.rows.insert("wakeup_at = statement_timestamp() - interval '1 minute'");
		UUID second = this.rows.insert();
		this.rows.callInTransaction((connection) -> {
			assertThat(this.statement.claim(connection, probes(1), TOKEN, MINUTE)).extracting(ClaimedTask::id)
				.containsExactly(first);
			assertThat(claim(10, MINUTE)).extracting(ClaimedTask::id).containsExactly(second);
			return true;
		});
	}

	@Test
	void aResumedTaskStartsItsStepAnew() throws SQLException {
		UUID id = this.rows.insert("tried = 6, delivery = 6, parked_at = statement_timestamp(), last_error = 'old'");
		ClaimedTask task = claimOne();
		assertThat(task.tried()).isZero();
		assertThat(task.delivery()).isEqualTo(1);
		assertThat(this.rows.matches(id, "parked_at IS NULL AND tried = 0 AND delivery = 1")).isTrue();
	}

	@Test
	void anErrorOfTheDatabaseIsNotMistakenForNoWork() {
		ClaimStatement elsewhere = new ClaimStatement(TaskTable.inSchema("elsewhere"));
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> this.rows.call((connection) -> elsewhere.claim(connection, probes(1), TOKEN, MINUTE)))
			.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("42P01"));
	}

	@Test
	void aClaimThatTheDatabaseRefusesLeavesTheTaskFree() {
		UUID id = this.rows.insert();
		this.rows.execute("ALTER TABLE pg_task ADD CONSTRAINT no_claims CHECK (locked_by IS NULL)");
		try {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> claim(1, MINUTE))
				.withMessageContaining("no_claims");
			assertThat(this.rows.matches(id, "locked_by IS NULL AND delivery = 0")).isTrue();
		}
		finally {
			this.rows.execute("ALTER TABLE pg_task DROP CONSTRAINT no_claims");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "locked_by = gen_random_uuid()", "lock_expires_at = statement_timestamp()" })
	void theColumnsOfALeaseAreSetTogetherOrNotAtAll(String onlyOne) {
		UUID id = this.rows.insert();
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> this.rows.update(id, onlyOne))
			.withMessageContaining("pg_task_lease_state_check");
	}

	private ClaimedTask claimOne() throws SQLException {
		List<ClaimedTask> tasks = claim(10, MINUTE);
		assertThat(tasks).hasSize(1);
		return tasks.get(0);
	}

	private List<ClaimedTask> claim(int limit, Duration lease) throws SQLException {
		return claim(probes(limit).get(0), lease);
	}

	private List<ClaimedTask> claim(Probe probe, Duration lease) throws SQLException {
		return this.rows.call((connection) -> this.statement.claim(connection, List.of(probe), TOKEN, lease));
	}

	private static List<Probe> probes(int limit) {
		return List.of(new Probe(TaskRows.TYPE, 4, limit, Instant.MIN));
	}

}
