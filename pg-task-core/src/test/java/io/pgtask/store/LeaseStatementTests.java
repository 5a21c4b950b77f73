package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LeaseStatement}.
 */
@PostgresTest
class LeaseStatementTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final Duration HOUR = Duration.ofHours(1);

	private static final UUID OWN = UUID.randomUUID();

	private final LeaseStatement statement = new LeaseStatement(TaskTable.inSearchPath());

	private final TaskRows rows;

	LeaseStatementTests(TestDatabase database) {
		this.rows = new TaskRows(database);
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@Test
	void onlyLivingLeasesOfTheirOwnersAreExtended() throws SQLException {
		UUID own = this.rows.insertLeased(OWN, MINUTE);
		UUID ended = this.rows.insertLeased(OWN, Duration.ZERO);
		UUID ofAnother = this.rows.insertLeased(UUID.randomUUID(), MINUTE);
		UUID parked = this.rows.insertLeased(OWN, MINUTE);
		this.rows.update(parked, "error = 'by an operator'");
		UUID gone = UUID.randomUUID();
		Map<Integer, @Nullable Instant> held = renew(own, ended, ofAnother, parked, gone);
		assertThat(held).containsOnlyKeys(0);
		assertThat(held.get(0)).isNotNull();
		assertThat(this.rows.matches(own, "lock_expires_at > statement_timestamp() + interval '30 minutes'")).isTrue();
		assertThat(this.rows.matches(own, "locked_by = '" + OWN + "' AND tried = 1 AND delivery = 2")).isTrue();
		for (UUID id : List.of(ended, ofAnother, parked)) {
			assertThat(this.rows.matches(id, "lock_expires_at < statement_timestamp() + interval '2 minutes'"))
				.isTrue();
		}
	}

	@Test
	void everyClaimHasItsOwnToken() throws SQLException {
		UUID other = UUID.randomUUID();
		UUID first = this.rows.insertLeased(OWN, MINUTE);
		UUID second = this.rows.insertLeased(other, MINUTE);
		assertThat(renew(List.of(first, second), List.of(OWN, other))).containsOnlyKeys(0, 1);
		assertThat(renew(List.of(first, second), List.of(other, OWN))).as("tokens of each other").isEmpty();
	}

	@Test
	void nothingIsExtendedWhenNoLeaseLives() throws SQLException {
		assertThat(renew(this.rows.insertLeased(OWN, Duration.ZERO))).isEmpty();
		assertThat(renew()).isEmpty();
	}

	@Test
	void aRowThatSomeoneElseHasLockedIsSkippedAndNotLost() throws SQLException {
		UUID locked = this.rows.insertLeased(OWN, MINUTE);
		UUID free = this.rows.insertLeased(OWN, MINUTE);
		this.rows.callInTransaction((connection) -> {
			try (var statement = connection.createStatement()) {
				statement.execute("SELECT 1 FROM pg_task WHERE id = '" + locked + "' FOR UPDATE");
			}
			Map<Integer, @Nullable Instant> held = renew(locked, free);
			assertThat(held).containsOnlyKeys(0, 1);
			assertThat(held.get(0)).isNull();
			assertThat(held.get(1)).isNotNull();
			return true;
		});
	}

	@Test
	void aLeaseThatEndsWithinATransactionIsNotExtended() throws SQLException {
		UUID id = this.rows.insertLeased(OWN, Duration.ofMillis(100));
		this.rows.callInTransaction((connection) -> {
			try (var statement = connection.createStatement()) {
				statement.execute("SELECT pg_sleep(0.15)");
			}
			assertThat(this.statement.renew(connection, List.of(id), List.of(OWN), HOUR)).isEmpty();
			return true;
		});
	}

	private Map<Integer, @Nullable Instant> renew(UUID... ids) throws SQLException {
		return renew(List.of(ids), List.of(ids).stream().map((id) -> OWN).toList());
	}

	private Map<Integer, @Nullable Instant> renew(List<UUID> ids, List<UUID> tokens) throws SQLException {
		return this.rows.call((connection) -> this.statement.renew(connection, ids, tokens, HOUR));
	}

}
