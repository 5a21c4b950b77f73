package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

import javax.sql.DataSource;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the plans of everything a worker asks while it works: on a large table, with
 * statistics, without, and with old ones, with plans for the parameters and for any
 * parameters.
 */
@PostgresTest
class EnginePlanTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath();

	private static final int EACH = 100_000;

	/**
	 * What is waiting, of the future, parked, and of a type that no worker knows.
	 */
	private static final String FILL = """
			ALTER TABLE pg_task SET (autovacuum_enabled = off);
			INSERT INTO pg_task (step, wakeup_at, error, quiet)
			SELECT CASE i % 4 WHEN 3 THEN '{"Stranger":{"Step":' ELSE '{"Greeter":{"ReadName":' END || i || '}}',
				now() + CASE i % 4 WHEN 1 THEN 1 ELSE -1 END * i * interval '1 s',
				CASE i % 4 WHEN 2 THEN 'failed' END, true
			FROM generate_series(1, 4 * ?) i
			""";

	private static final int BATCH = 200;

	/**
	 * Claims of other tests, undone, leave dead entries behind where their leases end.
	 */
	private static final int MOST_FOR_NOTHING = 100;

	private final DataSource dataSource;

	EnginePlanTests(TestDatabase database) {
		this.dataSource = database.dataSource();
	}

	@BeforeAll
	static void fill(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql(FILL).param(EACH).update();
	}

	@ParameterizedTest
	@EnumSource
	void aClaimReadsWhatItTakes(Statistics statistics) throws SQLException {
		set(statistics);
		assertRangesOfTheClaimIndex((connection) -> new ClaimStatement(TABLE).claim(connection,
				List.of(new Probe("Greeter", 4, BATCH, Instant.MIN), new Probe("Other", 4, BATCH, Instant.MIN)),
				UUID.randomUUID(), Duration.ofMinutes(1)), 30 * BATCH);
	}

	@ParameterizedTest
	@EnumSource
	void anEmptyClaimReadsNextToNothing(Statistics statistics) throws SQLException {
		set(statistics);
		assertRangesOfTheClaimIndex((connection) -> new ClaimStatement(TABLE).claim(connection,
				List.of(new Probe("Greeter", 5, BATCH, Instant.MIN), new Probe("Other", 4, BATCH, Instant.MIN),
						new Probe("Greeter", 4, BATCH, Instant.now())),
				UUID.randomUUID(), Duration.ofMinutes(1)), MOST_FOR_NOTHING);
	}

	@ParameterizedTest
	@EnumSource
	void aLookForWorkReadsOneEntryOfEveryRange(Statistics statistics) throws SQLException {
		set(statistics);
		assertRangesOfTheClaimIndex(
				(connection) -> new SurveyStatement(TABLE).look(connection, List.of("Greeter", "Other"), null), 200);
	}

	@ParameterizedTest
	@EnumSource
	void aLookAtLateTasksReadsOneEntryOfEveryRange(Statistics statistics) throws SQLException {
		set(statistics);
		assertRangesOfTheClaimIndex((connection) -> new SurveyStatement(TABLE).look(connection,
				List.of("Greeter", "Other"), Duration.ofMinutes(1)), 200);
	}

	@ParameterizedTest
	@EnumSource
	void whatAnOldSnapshotKeepsIsWalkedOverBySweepsAlone(Statistics statistics) throws SQLException {
		set(statistics);
		int dead = 20_000;
		execute("INSERT INTO pg_task (step, quiet, wakeup_at) SELECT '{\"Gone\":{\"Step\":null}}', true, "
				+ "now() - interval '1 hour' + n * interval '1 ms' FROM generate_series(1, " + dead + ") n");
		try (Connection other = this.dataSource.getConnection(); Statement statement = other.createStatement()) {
			other.setAutoCommit(false);
			other.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			statement.execute("SELECT FROM pg_task LIMIT 1");
			execute("DELETE FROM pg_task WHERE task = 'Gone'");
			assertRangesOfTheClaimIndex(
					(connection) -> new SurveyStatement(TABLE).look(connection, List.of("Gone"), Duration.ofMinutes(1)),
					100);
			assertRangesOfTheClaimIndex((connection) -> new ClaimStatement(TABLE).claim(connection,
					List.of(new Probe("Gone", 4, BATCH, Instant.now().minusSeconds(60))), UUID.randomUUID(),
					Duration.ofMinutes(1)), MOST_FOR_NOTHING);
			assertRangesOfTheClaimIndex(
					(connection) -> new SurveyStatement(TABLE).look(connection, List.of("Gone"), null), 10 * dead);
			other.rollback();
		}
	}

	@ParameterizedTest
	@EnumSource
	void aLookForWorkReadsNothingOfPausedTypes(Statistics statistics) throws SQLException {
		execute("INSERT INTO pg_task_paused (task) SELECT 'Paused' || i FROM generate_series(1, 1000) i");
		execute("INSERT INTO pg_task_paused (task) VALUES ('Greeter')");
		try {
			set(statistics);
			assertRangesOfTheClaimIndex((connection) -> assertThat(
					new SurveyStatement(TABLE).look(connection, List.of("Greeter", "Other"), null).paused())
				.containsExactly("Greeter"), 200);
		}
		finally {
			execute("TRUNCATE pg_task_paused");
		}
	}

	@ParameterizedTest
	@EnumSource
	void aLookForRequestsReadsTheRowsThatAreHeld(Statistics statistics) throws SQLException {
		set(statistics);
		List<ClaimedTask> tasks = claim();
		try {
			assertPlans(
					(connection) -> new RequestStatement(TABLE).look(connection,
							tasks.stream().map(ClaimedTask::id).toList(), List.of("Greeter", "Other")),
					10 * BATCH, (plan) -> {
					});
		}
		finally {
			execute("UPDATE pg_task SET locked_by = NULL, lock_expires_at = NULL WHERE locked_by IS NOT NULL");
		}
	}

	@Test
	void aLookForWorkSortsNoRowsWithoutAType() throws SQLException {
		execute("INSERT INTO pg_task (step, quiet) SELECT 'no JSON', true FROM generate_series(1, 20000)");
		try {
			for (Statistics statistics : Statistics.values()) {
				set(statistics);
				assertRangesOfTheClaimIndex(
						(connection) -> new SurveyStatement(TABLE).look(connection, List.of("Greeter", "Other"), null),
						200);
			}
		}
		finally {
			execute("DELETE FROM pg_task WHERE task IS NULL");
		}
	}

	@ParameterizedTest
	@EnumSource
	void rowsWithoutATypeAreFoundAmongAllOthers(Statistics statistics) throws SQLException {
		set(statistics);
		assertRangesOfTheClaimIndex((connection) -> new MalformedStatement(TABLE).park(connection), 20);
	}

	@ParameterizedTest
	@EnumSource
	void transitionsAndRenewalsFindTheirRowsByTheirIds(Statistics statistics) throws SQLException {
		set(statistics);
		List<ClaimedTask> tasks = claim();
		try {
			assertPlans(
					(connection) -> new LeaseStatement(TABLE).renew(connection,
							tasks.stream().map(ClaimedTask::id).toList(),
							tasks.stream().map(ClaimedTask::token).toList(), Duration.ofMinutes(1)),
					30 * BATCH, EnginePlanTests::assertByPrimaryKey);
			assertPlans((connection) -> {
				TransitionStatements statements = new TransitionStatements(TABLE);
				statements.begin(connection);
				assertThat(statements.save(connection, transitions(tasks), (cancelled) -> {
				})).hasSize(BATCH);
			}, 60 * BATCH, EnginePlanTests::assertByPrimaryKey);
		}
		finally {
			execute("UPDATE pg_task SET locked_by = NULL, lock_expires_at = NULL WHERE locked_by IS NOT NULL");
		}
	}

	private List<ClaimedTask> claim() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			return new ClaimStatement(TABLE).claim(connection, List.of(new Probe("Greeter", 4, BATCH, Instant.MIN)),
					UUID.randomUUID(), Duration.ofMinutes(10));
		}
	}

	/** As many of each kind. */
	private static List<Transition> transitions(List<ClaimedTask> tasks) {
		List<Transition> transitions = new ArrayList<>();
		for (int i = 0; i < tasks.size(); i++) {
			UUID id = tasks.get(i).id();
			UUID token = tasks.get(i).token();
			Transition transition = switch (i % 5) {
				case 0 -> new Transition.Finish(id, token);
				case 1 -> new Transition.Advance(id, token, "{\"Greeter\":{\"SayHello\":null}}");
				case 2 -> Transition.Release.retry(id, token, Duration.ofSeconds(1), null, 1, 1, "no luck");
				case 3 -> new Transition.Checkpoint(id, token, "{\"Greeter\":{\"SayHello\":null}}", true,
						Duration.ofMinutes(1));
				default -> new Transition.GiveBack(id, token);
			};
			transitions.add(transition);
		}
		return transitions;
	}

	/** Every statement is an ordered walk along the claim index. */
	private void assertRangesOfTheClaimIndex(RecordedStatement.Work work, int mostBuffers) throws SQLException {
		assertPlans(work, mostBuffers,
				(plan) -> assertThat(plan).noneMatch((line) -> line.matches(".*(->|^) *(Incremental )?Sort .*"))
					.noneMatch((line) -> line.contains("Bitmap"))
					.anyMatch((line) -> line.contains("Index Scan using pg_task_next_available_at_idx on pg_task")));
	}

	/** The index on the tokens holds whatever was claimed since the last vacuum. */
	private static void assertByPrimaryKey(List<String> plan) {
		assertThat(plan).noneMatch((line) -> line.contains("pg_task_locked_by_idx"))
			.anyMatch((line) -> line.contains("using pg_task_pkey") || line.contains("on pg_task_pkey"));
	}

	private void assertPlans(RecordedStatement.Work work, int mostBuffers, Consumer<List<String>> plans)
			throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			List<RecordedStatement> statements = RecordedStatement.of(connection, work);
			assertThat(statements).isNotEmpty();
			String settings = statements.get(0).isOnlySettings() ? statements.get(0).sql() : null;
			for (RecordedStatement statement : statements) {
				if (statement.isAbout("pg_task")) {
					assertPlan(statement, connection, settings, mostBuffers, plans);
				}
			}
		}
	}

	private static void assertPlan(RecordedStatement statement, Connection connection, @Nullable String settings,
			int mostBuffers, Consumer<List<String>> plans) throws SQLException {
		for (String cacheMode : List.of("force_custom_plan", "force_generic_plan")) {
			List<String> plan = statement.explain(connection, cacheMode, settings);
			assertThat(plan).as("%s%n%s%n%s", cacheMode, statement.sql(), String.join("\n", plan))
				.noneMatch((line) -> line.contains("Seq Scan on pg_task"))
				.satisfies((lines) -> plans.accept(plan))
				.satisfies((lines) -> assertThat(RecordedStatement.buffers(plan)).isLessThanOrEqualTo(mostBuffers));
		}
	}

	private void set(Statistics statistics) throws SQLException {
		for (String sql : statistics.sql()) {
			execute(sql);
		}
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
