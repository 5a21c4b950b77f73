package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SurveyStatement}: when there will be something to claim.
 */
@PostgresTest
class SurveyStatementTests {

	private final SurveyStatement statement = new SurveyStatement(TaskTable.inSearchPath());

	private final TaskRows rows;

	SurveyStatementTests(TestDatabase database) {
		this.rows = new TaskRows(database);
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@Test
	void thereIsNothingToWaitForInATableWithoutFreeTasks() throws SQLException {
		assertThat(look()).isEmpty();
		this.rows.insert("error = 'broken'");
		assertThat(look()).isEmpty();
	}

	@Test
	void theFirstTaskThatCanBeClaimedCounts() throws SQLException {
		this.rows.insert("wakeup_at = statement_timestamp() + interval '3 minutes'");
		this.rows.insert("wakeup_at = statement_timestamp() + interval '2 minutes'");
		this.rows.insert("wakeup_at = statement_timestamp() + interval '1 minute', error = 'broken'");
		DueHead head = lookAtOne();
		assertThat(head.isDue()).isFalse();
		assertThat(head.dueIn()).isBetween(Duration.ofSeconds(90), Duration.ofMinutes(2));
	}

	@Test
	void aTaskThatIsDueIsNotWaitedFor() throws SQLException {
		this.rows.insert();
		assertThat(lookAtOne().isDue()).isTrue();
	}

	@Test
	void aTaskThatSomeoneHoldsIsWaitedForUntilItsLeaseEnds() throws SQLException {
		this.rows.insertLeased(UUID.randomUUID(), Duration.ofMinutes(1));
		DueHead head = lookAtOne();
		assertThat(head.isDue()).isFalse();
		assertThat(head.dueIn()).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
	}

	@Test
	void aTaskOfTheFutureThatSomeoneHoldsIsWaitedForUntilItsTime() throws SQLException {
		UUID id = this.rows.insertLeased(UUID.randomUUID(), Duration.ofMinutes(1));
		this.rows.update(id, "wakeup_at = statement_timestamp() + interval '5 minutes'");
		assertThat(lookAtOne().dueIn()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
	}

	@Test
	void lookingChangesNothing() throws SQLException {
		UUID id = this.rows.insert();
		Object before = this.rows.row(id);
		lookAtOne();
		assertThat(this.rows.row(id)).isEqualTo(before);
	}

	@Test
	void everyTypeAndPriorityIsLookedAtByItself() throws SQLException {
		this.rows.insert("priority = 9, wakeup_at = statement_timestamp() + interval '1 minute'");
		this.rows.insert();
		this.rows.insert("step = '{\"Other\":{\"Step\":null}}'");
		this.rows.insert("step = 'no JSON'");
		this.rows.insert("step = '{\"Unknown\":{\"Step\":null}}'");
		assertThat(look()).extracting((head) -> head.taskType() + " " + head.priority() + " " + head.isDue())
			.containsExactlyInAnyOrder("Greeter 9 false", "Greeter 4 true", "Other 4 true", "null 4 true");
	}

	@Test
	void onlyTasksThatHaveBecomeDueLatelyAreLookedAt() throws SQLException {
		this.rows.insert("wakeup_at = statement_timestamp() - interval '2 minutes'");
		this.rows.insert("wakeup_at = statement_timestamp() - interval '1 minute'");
		this.rows
			.insert("step = '{\"Other\":{\"Step\":null}}', wakeup_at = statement_timestamp() + interval '1 minute'");
		this.rows.insert("step = 'no JSON', wakeup_at = '-infinity'");
		assertThat(look(Duration.ofSeconds(90))).extracting((head) -> head.taskType() + " " + head.dueIn().toMinutes())
			.hasSize(3)
			.contains("Greeter -1", "Other 0");
		assertThat(look(Duration.ofSeconds(30))).extracting(DueHead::taskType).containsExactlyInAnyOrder("Other", null);
		assertThat(look()).extracting((head) -> head.taskType() + " " + head.dueIn().toMinutes())
			.contains("Greeter -2");
	}

	@Test
	void aPausedTypeIsLeftOut() throws SQLException {
		this.rows.insert();
		this.rows.insert("step = '{\"Other\":{\"Step\":null}}'");
		this.rows.execute("INSERT INTO pg_task_paused (task) VALUES ('Other'), ('Unknown')");
		try {
			assertThat(look()).extracting(DueHead::taskType).containsExactly("Greeter");
			assertThat(this.rows.call((connection) -> survey(connection, null)).paused()).containsExactly("Other");
		}
		finally {
			this.rows.execute("DELETE FROM pg_task_paused");
		}
		assertThat(look()).hasSize(2);
	}

	private Survey survey(Connection connection, @Nullable Duration back) throws SQLException {
		return this.statement.look(connection, List.of(TaskRows.TYPE, "Other"), back);
	}

	private DueHead lookAtOne() throws SQLException {
		List<DueHead> heads = look();
		assertThat(heads).hasSize(1);
		return heads.get(0);
	}

	private List<DueHead> look() throws SQLException {
		return look(null);
	}

	private List<DueHead> look(@Nullable Duration back) throws SQLException {
		return this.rows.call((connection) -> survey(connection, back).heads());
	}

}
