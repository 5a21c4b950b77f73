package io.pgtask.store;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TransitionStatements}: what is told of, and what is asked of a task
 * meanwhile.
 */
@PostgresTest
class TransitionNoticeTests {

	private final SavedTransitions saved;

	private final TaskRows rows;

	TransitionNoticeTests(TestDatabase database) {
		this.saved = new SavedTransitions(database);
		this.rows = this.saved.rows();
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@Test
	void nobodyIsToldThatALapsedReservationIsDone() throws SQLException {
		for (String hold : List.of("NULL", "'reserved'")) {
			UUID id = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
			this.rows.update(id, "awaited = true, hold = " + hold);
			try (Listener listener = new Listener(this.saved.database(), EndNotice.CHANNEL)) {
				this.saved.save(new Transition.Finish(id, TransitionKind.TOKEN));
				assertThat(listener.received()).isEqualTo(hold.equals("NULL") ? List.of("done " + id) : List.of());
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void onlyTheEndOfAnAwaitedTaskIsTold(TransitionKind kind) throws SQLException {
		UUID awaited = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.rows.update(awaited, "awaited = true");
		UUID unawaited = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		try (Listener listener = new Listener(this.saved.database(), EndNotice.CHANNEL)) {
			this.saved.save(kind.of(awaited), kind.of(unawaited));
			switch (kind) {
				case FINISH -> assertThat(listener.received()).containsExactly("done " + awaited);
				case PARK -> assertThat(listener.received()).containsExactly("errored " + awaited);
				default -> assertThat(listener.received()).isEmpty();
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void aTaskThatIsToBeCancelledEndsWithWhateverIsSaved(TransitionKind kind) throws SQLException {
		UUID asked = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.rows.update(asked, "cancel_requested_at = now(), awaited = true");
		UUID other = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		ClaimKey key = new ClaimKey(asked, TransitionKind.TOKEN);
		try (Listener listener = new Listener(this.saved.database(), EndNotice.CHANNEL)) {
			assertThat(this.saved.save(kind.of(asked), kind.of(other))).containsExactlyInAnyOrder(key,
					new ClaimKey(other, TransitionKind.TOKEN));
			switch (kind) {
				case FINISH -> assertThat(listener.received()).containsExactly("done " + asked);
				default -> {
					assertThat(listener.received()).containsExactly("cancelled " + asked);
					assertThat(this.saved.cancelled()).containsExactly(key);
					assertThat(this.rows.ids()).containsExactly(other);
				}
			}
		}
	}

	@Test
	void aBatchOfWhichNothingIsAwaitedOrCancelledSendsNoStatementMore() throws SQLException {
		UUID finished = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		UUID parked = this.rows.insertLeased(TransitionKind.TOKEN, SavedTransitions.MINUTE);
		this.rows.call((connection) -> {
			List<RecordedStatement> sent = RecordedStatement.of(connection,
					(recorder) -> this.saved.statements()
						.save(recorder, List.of(TransitionKind.FINISH.of(finished), TransitionKind.PARK.of(parked)),
								this.saved.cancelled()::add));
			assertThat(sent).extracting(RecordedStatement::sql)
				.hasSize(2)
				.noneMatch((sql) -> sql.contains("pg_notify"));
			connection.setAutoCommit(true);
			return true;
		});
	}

}
