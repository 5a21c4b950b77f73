package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TransitionStatements}: only who has the lease saves anything.
 */
@PostgresTest
class TransitionFenceTests {

	private final SavedTransitions saved;

	private final TaskRows rows;

	TransitionFenceTests(TestDatabase database) {
		this.saved = new SavedTransitions(database);
		this.rows = this.saved.rows();
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSavedWhenAnotherClaimHasTheTask(TransitionKind kind) throws SQLException {
		UUID id = this.rows.insertLeased(UUID.randomUUID(), SavedTransitions.MINUTE);
		assertRefused(kind, id);
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSavedWhenTheLeaseWasTakenAway(TransitionKind kind) throws SQLException {
		UUID id = this.rows.insert();
		assertRefused(kind, id);
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSavedAfterTheLeaseHasEndedEvenIfNobodyTookIt(TransitionKind kind) throws SQLException {
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, Duration.ZERO);
		assertRefused(kind, id);
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSavedWhenTheLeaseEndsWithinTheTransaction(TransitionKind kind) throws SQLException {
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, Duration.ofMillis(100));
		Map<String, Object> before = this.rows.row(id);
		Set<ClaimKey> saved = this.rows.callInTransaction((connection) -> {
			try (var statement = connection.createStatement()) {
				statement.execute("SELECT pg_sleep(0.15)");
			}
			return this.saved.statements().save(connection, List.of(kind.of(id)), (cancelled) -> {
			});
		});
		assertThat(saved).isEmpty();
		assertThat(this.rows.row(id)).isEqualTo(before);
	}

	@ParameterizedTest
	@EnumSource
	void whatTheDatabaseRefusesIsAnErrorAndSavesNothing(TransitionKind kind) {
		UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		UUID bystander = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		Map<String, Object> before = this.rows.row(id);
		this.rows.execute("""
				CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN RAISE EXCEPTION 'refused by the user'; END $$
				""");
		this.rows.execute("CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON pg_task FOR EACH ROW WHEN (OLD.id = '" + id
				+ "') EXECUTE FUNCTION refuse()");
		try {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> this.saved.save(kind.of(bystander), kind.of(id)))
				.withMessageContaining("refused by the user");
			assertThat(this.rows.row(id)).isEqualTo(before);
			assertThat(this.rows.row(bystander)).containsEntry("locked_by", TransitionKind.TOKEN);
		}
		finally {
			this.rows.execute("DROP TRIGGER refuse ON pg_task");
		}
	}

	@Test
	void oneLostLeaseCostsTheOthersOfABatchNothing() throws SQLException {
		UUID lost = this.rows.insertLeased(UUID.randomUUID(), SavedTransitions.MINUTE);
		UUID finished = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		UUID retried = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		Set<ClaimKey> saved = this.saved.save(TransitionKind.FINISH.of(lost), TransitionKind.FINISH.of(finished),
				TransitionKind.RETRY.of(retried));
		assertThat(saved).extracting(ClaimKey::id).containsExactlyInAnyOrder(finished, retried);
		assertThat(this.rows.ids()).containsExactlyInAnyOrder(lost, retried);
	}

	@ParameterizedTest
	@EnumSource
	void whoHasLostItsLeaseCannotEvenEndATaskThatIsToBeCancelled(TransitionKind kind) throws SQLException {
		UUID id = this.rows.insertLeased(UUID.randomUUID(), SavedTransitions.MINUTE);
		this.rows.update(id, "cancel_requested_at = now()");
		assertRefused(kind, id);
		assertThat(this.saved.cancelled()).isEmpty();
	}

	private void assertRefused(TransitionKind kind, UUID id) throws SQLException {
		Map<String, Object> before = this.rows.row(id);
		assertThat(this.saved.save(kind.of(id))).isEmpty();
		assertThat(this.rows.row(id)).isEqualTo(before);
	}

}
