package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.TaskSelection;
import io.pgtask.TaskState;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the plans of {@link SearchStatement#ids} and {@link ActionStatement} on a
 * large table: what an action on many tasks reads, and what each of its batches does.
 */
@PostgresTest
class ActionPlanTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath();

	private static final TaskSelection ALL = TaskSelection.all();

	private static final int BATCH = 500;

	/** Of 150,000 tasks a fifteenth is parked, and 100 of them are of a rare type. */
	private static final String FILL = """
			ALTER TABLE pg_task SET (autovacuum_enabled = off);
			INSERT INTO pg_task (step, wakeup_at, error, tags, unique_key)
			SELECT CASE WHEN i % 1500 = 0 THEN '{"Rare":{"S":' ELSE '{"Big":{"S' || i % 5 || '":' END || i || '}}',
				now() + CASE WHEN i % 3 = 0 THEN -1 ELSE 1 END * i * interval '1 s',
				CASE WHEN i % 15 = 0 THEN 'failed' || i % 4 END, CASE WHEN i % 1000 = 0 THEN '{red}'::text[] END,
				CASE WHEN i % 100 = 0 THEN i::text END
			FROM generate_series(1, 150000) i;
			UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 day'
			WHERE id IN (SELECT id FROM pg_task WHERE task = 'Big' AND error IS NULL LIMIT 100);
			""";

	private final DataSource dataSource;

	private final JdbcTemplate jdbc;

	ActionPlanTests(TestDatabase database) {
		this.dataSource = database.dataSource();
		this.jdbc = new JdbcTemplate(this.dataSource);
	}

	@BeforeAll
	static void fill(TestDatabase database) throws SQLException {
		TaskSchema.create(database.dataSource());
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(FILL);
		}
	}

	@Test
	void tasksAreSelectedByIndexWhateverTheyAreSelectedBy() throws SQLException {
		for (boolean analyzed : List.of(false, true)) {
			analyze(analyzed);
			for (TaskSelection selection : List.of(ALL, ALL.ofType("Big"), ALL.ofType("Big").atStep("S1"),
					ALL.atStep("S"), ALL.olderThan(Duration.ofDays(1)), ALL.in(TaskState.READY),
					ALL.in(TaskState.HELD))) {
				assertIndexed(selection, Integer.MAX_VALUE);
			}
		}
	}

	@Test
	void aSelectionOfFewTasksReadsLittle() throws SQLException {
		for (boolean analyzed : List.of(false, true)) {
			analyze(analyzed);
			assertIndexed(ALL.tagged("red").ofType("Big"), 500);
			assertIndexed(ALL.ofType("Big").withUniqueKey("100"), 50);
			assertIndexed(ALL.withUniqueKey("100"), 200);
			assertIndexed(ALL.in(TaskState.RUNNING), 500);
			assertIndexed(ALL.ofType("Rare").withErrorContaining("FAILED1"), 500);
			assertIndexed(ALL.ofType("Rare").in(TaskState.ERRORED).unchangedFor(Duration.ofDays(7)), 500);
			assertIndexed(ALL.ofType("Unknown"), 100);
			// One look at each of ten thousand parked rows, and none at the others.
			assertIndexed(ALL.withErrorContaining("failed1"), 15_000);
		}
	}

	@Test
	void aBatchFindsItsRowsByTheirIds() throws SQLException {
		List<UUID> ids = this.jdbc.queryForList("SELECT id FROM pg_task WHERE task = 'Big' LIMIT " + BATCH, UUID.class);
		for (boolean analyzed : List.of(false, true)) {
			analyze(analyzed);
			for (ActionStatement action : List.of(ActionStatement.retry(ALL.ofType("Big").in(TaskState.ERRORED)),
					ActionStatement.cancel(ALL.tagged("red").atStep("S1")), ActionStatement.delete(ALL),
					ActionStatement.reschedule(ALL, Instant.EPOCH), ActionStatement.prioritize(ALL, 9))) {
				NamedStatement statement = action.on(ids, TABLE);
				List<String> plan = explain(statement.sql(), statement::bind);
				assertThat(plan).as(String.join("\n", plan)).noneMatch((line) -> line.contains("Seq Scan on pg_task"));
				// Finding, locking and looking again, and an entry in each index.
				assertThat(RecordedStatement.buffers(plan)).as(String.join("\n", plan)).isLessThan(60 * BATCH);
			}
		}
	}

	private void assertIndexed(TaskSelection selection, int mostBuffers) throws SQLException {
		for (SearchStatement search : List.of(SearchStatement.ids(selection), SearchStatement.count(selection))) {
			List<String> plan = explain(TABLE.sql(search.sql()), search::bind);
			assertThat(plan).as("%s%n%s", selection, String.join("\n", plan))
				.noneMatch((line) -> line.contains("Seq Scan on pg_task"));
			assertThat(RecordedStatement.buffers(plan)).as("%s%n%s", selection, String.join("\n", plan))
				.isLessThanOrEqualTo(mostBuffers);
		}
	}

	private void analyze(boolean analyzed) {
		this.jdbc
			.execute(analyzed ? "ANALYZE pg_task" : "DELETE FROM pg_statistic WHERE starelid = 'pg_task'::regclass");
	}

	/** Whatever was done is undone. */
	private List<String> explain(String sql, Parameters parameters) throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				PreparedStatement statement = connection.prepareStatement("EXPLAIN (ANALYZE, BUFFERS) " + sql)) {
			connection.setAutoCommit(false);
			QuerySettings.apply(connection);
			parameters.bind(statement);
			List<String> plan = new ArrayList<>();
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					plan.add(rows.getString(1));
				}
			}
			connection.rollback();
			return plan;
		}
	}

	private interface Parameters {

		void bind(PreparedStatement statement) throws SQLException;

	}

}
