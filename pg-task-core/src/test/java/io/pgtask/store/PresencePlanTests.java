package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the plans of what is asked about dead workers, on a large table: with
 * statistics and without, with plans for the parameters and for any parameters.
 */
@PostgresTest
class PresencePlanTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath();

	private static final int ROWS = 200_000;

	private static final int WORKERS = 20;

	private static final int EACH = 1000;

	/** Most wait, the others are held by some workers that are announced. */
	private static final String FILL = """
			ALTER TABLE pg_task SET (autovacuum_enabled = off);
			INSERT INTO pg_task (step, quiet, locked_by, lock_expires_at)
			SELECT '{"Greeter":{"ReadName":' || i || '}}', true, held.token, CASE WHEN held.token IS NOT NULL THEN now() END
			FROM generate_series(1, ?) i
			CROSS JOIN LATERAL (SELECT CASE WHEN i <= ? THEN
				(lpad(to_hex(i % ?), 8, '0') || '-0000-0000-c000-' || lpad(to_hex(i / 100), 12, '0'))::uuid END AS token) held
			""";

	private final TestDatabase database;

	private final JdbcClient jdbc;

	PresencePlanTests(TestDatabase database) {
		this.database = database;
		this.jdbc = JdbcClient.create(database.dataSource());
	}

	@BeforeAll
	static void fill(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql(FILL).params(ROWS, WORKERS * EACH, WORKERS).update();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aSearchForHoldersReadsOneEntryOfEveryWorker(boolean analyzed) throws SQLException {
		analyze(analyzed);
		assertPlans((connection) -> assertThat(new HolderStatement(TABLE).find(connection)).hasSize(WORKERS),
				20 * WORKERS);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aTakeoverReadsWhatItFrees(boolean analyzed) throws SQLException {
		analyze(analyzed);
		assertPlans((connection) -> assertThat(new TakeoverStatement(TABLE).take(connection, 3))
			.hasSize(TakeoverStatement.BATCH), 30 * TakeoverStatement.BATCH);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aTakeoverFromAWorkerThatHoldsNothingReadsNextToNothing(boolean analyzed) throws SQLException {
		analyze(analyzed);
		assertPlans((connection) -> assertThat(new TakeoverStatement(TABLE).take(connection, WORKERS)).isEmpty(), 20);
	}

	private void analyze(boolean analyzed) {
		this.jdbc
			.sql(analyzed ? "ANALYZE pg_task"
					: "DELETE FROM pg_statistic WHERE starelid = 'pg_task'::regclass; "
							+ "UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'pg_task'::regclass")
			.update();
	}

	private void assertPlans(RecordedStatement.Work work, int mostBuffers) throws SQLException {
		try (Connection connection = this.database.dataSource().getConnection()) {
			for (RecordedStatement statement : RecordedStatement.of(connection, work)) {
				for (String cacheMode : List.of("force_custom_plan", "force_generic_plan")) {
					List<String> plan = statement.explain(connection, cacheMode, null);
					assertThat(plan).as("%s%n%s%n%s", cacheMode, statement.sql(), String.join("\n", plan))
						.noneMatch((line) -> line.contains("Seq Scan on pg_task"))
						.noneMatch((line) -> line.matches(".*(->|^) *(Incremental )?Sort .*"))
						.anyMatch((line) -> line.matches(".*Index (Only )?Scan using pg_task_locked_by_idx .*"))
						.satisfies((lines) -> assertThat(RecordedStatement.buffers(plan))
							.isLessThanOrEqualTo(mostBuffers));
				}
			}
		}
	}

}
