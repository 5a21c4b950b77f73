package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

import io.pgtask.EndedTask;
import io.pgtask.OnConflict;
import io.pgtask.PassedStep;
import io.pgtask.TaskOptions;
import io.pgtask.TaskOutcome;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PassedSteps}.
 */
@PostgresTest
class PassedStepsTests {

	private final RecordedEnds ends;

	private final TaskRows rows;

	PassedStepsTests(TestDatabase database) {
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
	void theStatesATaskPassesAreRecordedWithTheirTimesAndAttempts() throws SQLException {
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		this.ends.save(new Transition.Advance(id, RecordedEnds.TOKEN, RecordedEnds.NEXT));
		this.ends.save(Transition.Release.next(id, RecordedEnds.TOKEN, """
				{"Greeter":{"Wave":null}}""", Duration.ZERO, null));
		assertThat(this.rows.matches(id, "jsonb_array_length(passed) = 2")).isTrue();
		reclaim(id);
		this.ends.save(new Transition.Finish(id, RecordedEnds.TOKEN));
		EndedTask task = this.ends.ended(id);
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
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		this.rows.execute("VACUUM pg_task");
		this.rows.callInTransaction((connection) -> {
			int before = rewrites(connection);
			this.ends.statements()
				.save(connection, List.of(new Transition.Advance(id, RecordedEnds.TOKEN, RecordedEnds.NEXT)),
						(cancelled) -> {
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
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		this.ends.save(new Transition.Checkpoint(id, RecordedEnds.TOKEN, TaskRows.STEP, false, RecordedEnds.MINUTE));
		this.ends.save(Transition.Release.retry(id, RecordedEnds.TOKEN, Duration.ZERO, null, 2, 2, "no luck"));
		reclaim(id);
		this.ends.save(Transition.Release.park(id, RecordedEnds.TOKEN, 3, 3, "no luck at all"));
		assertThat(this.rows.matches(id, "passed IS NULL")).isTrue();
	}

	@Test
	void ofATaskThatGoesRoundInACircleTheLatestStatesAreKept() throws SQLException {
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		for (int i = 0; i < 60; i++) {
			this.ends.save(new Transition.Advance(id, RecordedEnds.TOKEN, RecordedEnds.NEXT));
		}
		this.ends.save(new Transition.Finish(id, RecordedEnds.TOKEN));
		assertThat(this.ends.ended(id).passed()).hasSize(50)
			.extracting(PassedStep::number)
			.containsExactlyElementsOf(IntStream.rangeClosed(11, 60).boxed().toList());
	}

	@Test
	void statesAreNotRecordedWhereNobodyWantsThem() throws SQLException {
		TaskTable table = TaskTable.inSearchPath()
			.keeping(new HistorySettings(Set.of(TaskOutcome.DONE), false, false, false));
		TransitionStatements withoutSteps = new TransitionStatements(table);
		UUID id = this.rows.insertLeased(RecordedEnds.TOKEN, RecordedEnds.MINUTE);
		assertThat(this.ends.sent(withoutSteps, new Transition.Advance(id, RecordedEnds.TOKEN, RecordedEnds.NEXT)))
			.singleElement()
			.asString()
			.doesNotContain("passed");
	}

	@Test
	void aTaskThatReplacesAnotherHasPassedNothingYet() {
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty());
		JdbcTaskClient client = new JdbcTaskClient(this.ends.database().dataSource(), RecordedEnds.TABLE, codec,
				List.of(), this.ends.wakeups());
		TaskOptions key = TaskOptions.DEFAULT.withUniqueKey("k", OnConflict.REPLACE);
		UUID id = client.enqueue(new Greeter.ReadName("a"), key);
		this.rows.update(id, "passed = '[{\"n\":1}]'");
		assertThat(client.enqueue(new Greeter.ReadName("b"), key)).isEqualTo(id);
		assertThat(this.rows.matches(id, "passed IS NULL")).isTrue();
	}

	private void reclaim(UUID id) {
		this.rows.update(id, "locked_by = '" + RecordedEnds.TOKEN + "', lock_expires_at = now() + interval '1 minute'");
	}

}
