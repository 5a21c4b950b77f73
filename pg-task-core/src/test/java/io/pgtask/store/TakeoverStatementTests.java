package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TakeoverStatement} and {@link HolderStatement}.
 */
@TaskTableTest
class TakeoverStatementTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath();

	private static final long DEAD = 0x8123456789abcdefL;

	private static final long OTHER = 0x1111111122222222L;

	private static final int KEY = ClaimTokens.presenceKey(DEAD);

	private final TestDatabase database;

	private final JdbcClient jdbc;

	private final TakeoverStatement takeover = new TakeoverStatement(TABLE);

	TakeoverStatementTests(TestDatabase database) {
		this.database = database;
		this.jdbc = JdbcClient.create(database.dataSource());
	}

	@Test
	void theTasksOfADeadWorkerAreFreedWithTheirOldDueTimesAndTheirDeliveries() throws SQLException {
		UUID id = claimedBy(ClaimTokens.token(DEAD, 1, true));
		UUID token = ClaimTokens.token(DEAD, 9, true);
		claimedBy(token);
		String before = state(id);
		assertThat(take()).containsExactlyInAnyOrder(ClaimTokens.token(DEAD, 1, true), token);
		assertThat(state(id)).isEqualTo(before).startsWith("3 deliveries");
		assertThat(held()).isEmpty();
		assertThat(take()).isEmpty();
	}

	@Test
	void nothingIsTakenFromAWorkerThatIsPresent() throws SQLException {
		UUID token = ClaimTokens.token(DEAD, 1, true);
		claimedBy(token);
		try (Connection session = this.database.openConnection()) {
			new PresenceStatements(TABLE).announce(session, KEY);
			assertThat(take()).isEmpty();
			assertThat(held()).containsExactly(token);
		}
	}

	@Test
	void nothingIsTakenFromOthersNorWhatWasClaimedWithoutPresence() throws SQLException {
		List<UUID> tokens = List.of(ClaimTokens.token(OTHER, 1, true), ClaimTokens.token(DEAD, 1, false),
				new UUID(DEAD, 0x8000_0000_0000_0000L), UUID.randomUUID());
		tokens.forEach(this::claimedBy);
		assertThat(take()).isEmpty();
		assertThat(held()).containsExactlyInAnyOrderElementsOf(tokens);
	}

	@Test
	void aRowThatSomebodyHasLockedIsLeftForTheNextTime() throws SQLException {
		UUID token = ClaimTokens.token(DEAD, 1, true);
		UUID id = claimedBy(token);
		UUID free = ClaimTokens.token(DEAD, 2, true);
		claimedBy(free);
		try (Connection session = this.database.openConnection(); var statement = session.createStatement()) {
			session.setAutoCommit(false);
			statement.execute("SELECT FROM pg_task WHERE id = '" + id + "' FOR UPDATE");
			assertThat(take()).containsExactly(free);
			session.rollback();
		}
		assertThat(take()).containsExactly(token);
	}

	@Test
	void noMoreThanABatchIsFreedAtOnce() throws SQLException {
		this.jdbc.sql("""
				INSERT INTO pg_task (step, quiet, locked_by, lock_expires_at)
				SELECT '{"Greeter":{"ReadName":null}}', true, ?, now() + interval '1 minute' FROM generate_series(1, ?)
				""").params(ClaimTokens.token(DEAD, 1, true), TakeoverStatement.BATCH + 1).update();
		assertThat(take()).hasSize(TakeoverStatement.BATCH);
		assertThat(take()).hasSize(1);
	}

	@Test
	void everybodyIsToldOfFreedTasksAndOfNothingElse() throws SQLException {
		try (Listener listener = new Listener(this.database, "pg_task_changed")) {
			take();
			assertThat(listener.received()).isEmpty();
			claimedBy(ClaimTokens.token(DEAD, 1, true));
			claimedBy(ClaimTokens.token(DEAD, 2, true));
			take();
			assertThat(listener.received()).containsExactly(TakeoverStatement.FREED);
		}
	}

	@Test
	void whoHoldsClaimsIsFoundIfItWasAnnounced() throws SQLException {
		List<UUID> tokens = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			tokens.add(ClaimTokens.token(DEAD, i, false));
			tokens.add(ClaimTokens.token(DEAD, i, true));
			tokens.add(ClaimTokens.token(OTHER, i, true));
			tokens.add(ClaimTokens.token(0x5555555555555555L, i, false));
			tokens.add(UUID.randomUUID());
		}
		tokens.add(ClaimTokens.token(-1, 0, true));
		tokens.add(ClaimTokens.token(0, 0, true));
		assertThat(holders()).isEmpty();
		tokens.forEach(this::claimedBy);
		this.jdbc.sql("UPDATE pg_task SET error = 'parked' WHERE locked_by = ?")
			.param(ClaimTokens.token(0, 0, true))
			.update();
		assertThat(holders()).containsExactlyInAnyOrder(KEY, ClaimTokens.presenceKey(OTHER), -1);
	}

	private List<UUID> take() throws SQLException {
		try (Connection connection = this.database.dataSource().getConnection()) {
			return this.takeover.take(connection, KEY);
		}
	}

	private Set<Integer> holders() throws SQLException {
		try (Connection connection = this.database.dataSource().getConnection()) {
			return new HolderStatement(TABLE).find(connection);
		}
	}

	private UUID claimedBy(UUID token) {
		return this.jdbc.sql("""
				INSERT INTO pg_task (step, quiet, wakeup_at, tried, delivery, locked_by, lock_expires_at)
				VALUES ('{"Greeter":{"ReadName":null}}', true, now() - interval '1 hour', 1, 3, ?,
					now() + ? * interval '1 s')
				RETURNING id
				""").params(token, Duration.ofMinutes(10).toSeconds()).query(UUID.class).single();
	}

	private String state(UUID id) {
		return this.jdbc.sql("""
				SELECT delivery || ' deliveries, ' || tried || ' failures, due ' || wakeup_at FROM pg_task WHERE id = ?
				""").param(id).query(String.class).single();
	}

	private List<UUID> held() {
		return this.jdbc.sql("SELECT locked_by FROM pg_task WHERE locked_by IS NOT NULL").query(UUID.class).list();
	}

}
