package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import io.pgtask.TaskQuery;
import io.pgtask.TaskState;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the plans of {@link TaskSearch} and {@link TaskCounter} on a large table.
 */
@PostgresTest
class AdminPlanTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath();

	/** One type has nearly all rows, most of them far in the future. */
	private static final String FILL = """
			INSERT INTO pg_task (step, wakeup_at, error)
			SELECT '{"Big":{"S' || i % 5 || '":' || i || '}}',
				now() + CASE WHEN i % 3 = 0 THEN -1 ELSE 1 END * interval '1 day', CASE WHEN i % 7 = 0 THEN 'failed' END
			FROM generate_series(1, 60000) i;
			INSERT INTO pg_task (step, wakeup_at, error)
			SELECT '{"Rare":{"S":' || i || '}}', now() + i * interval '1 day', CASE WHEN i % 2 = 0 THEN 'failed' END
			FROM generate_series(-20, 20) i;
			UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 day'
			WHERE id IN (SELECT id FROM pg_task WHERE task = 'Big' AND error IS NULL LIMIT 100);
			""";

	private final DataSource dataSource;

	AdminPlanTests(TestDatabase database) {
		this.dataSource = database.dataSource();
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
	void countingReadsNoMoreThanItCounts() throws SQLException {
		for (boolean analyzed : List.of(false, true)) {
			analyze(analyzed);
			List<String> plan = explain(TABLE.sql(new TaskCounter(new CallerConnection(this.dataSource), TABLE).sql()),
					(statement) -> {
					});
			assertThat(plan).noneMatch((line) -> line.contains("Seq Scan"));
			// Three counts are full, and what they cost is some rows to a buffer or a row
			// to each.
			assertThat(buffers(plan)).isLessThan(40_000);
		}
	}

	@ParameterizedTest
	@EnumSource(TaskState.class)
	void findingByTypeNeverReadsTheTable(TaskState state) throws SQLException {
		for (boolean analyzed : List.of(false, true)) {
			analyze(analyzed);
			for (String type : List.of("Big", "Rare", "Unknown")) {
				TaskQuery query = TaskQuery.all().ofType(type).in(state);
				for (TaskQuery each : List.of(query, query.atStep("S"), TaskQuery.all().ofType(type))) {
					List<String> plan = explain(SearchStatement.byIndex(each));
					assertThat(plan).as("%s %s", type, String.join("\n", plan))
						.noneMatch((line) -> line.contains("Seq Scan"));
					if (!type.equals("Big")) {
						assertThat(buffers(plan)).as("%s %s", type, String.join("\n", plan)).isLessThan(1000);
					}
				}
			}
		}
	}

	@ParameterizedTest
	@EnumSource(TaskState.class)
	void findingByStateNeverReadsTheTable(TaskState state) throws SQLException {
		for (boolean analyzed : List.of(false, true)) {
			analyze(analyzed);
			List<String> plan = explain(SearchStatement.byIndex(TaskQuery.all().in(state)));
			assertThat(plan).as(String.join("\n", plan)).noneMatch((line) -> line.contains("Seq Scan on pg_task"));
		}
	}

	@Test
	void findingByTagNeverReadsTheTable() throws SQLException {
		for (boolean analyzed : List.of(false, true)) {
			analyze(analyzed);
			for (TaskQuery query : List.of(TaskQuery.all().tagged("red"),
					TaskQuery.all().tagged("red").ofType("Big").in(TaskState.READY))) {
				List<String> plan = explain(SearchStatement.byIndex(query));
				assertThat(plan).as(String.join("\n", plan)).anyMatch((line) -> line.contains("pg_task_tags_idx"));
				assertThat(buffers(plan)).isLessThan(100);
			}
		}
	}

	@Test
	void findingAmongTheNewestReadsLittle() throws SQLException {
		for (boolean analyzed : List.of(false, true)) {
			analyze(analyzed);
			List<String> plan = explain(SearchStatement.amongNewest(TaskQuery.all().ofType("Unknown")));
			assertThat(plan).noneMatch((line) -> line.contains("Seq Scan"));
			assertThat(buffers(plan)).isLessThan(5000);
			assertThat(buffers(explain(SearchStatement.amongAll(TaskQuery.all())))).isLessThan(200);
		}
	}

	private void analyze(boolean analyzed) throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(
					analyzed ? "ANALYZE pg_task" : "DELETE FROM pg_statistic WHERE starelid = 'pg_task'::regclass");
		}
	}

	private List<String> explain(SearchStatement search) throws SQLException {
		return explain(TABLE.sql(search.sql()), search::bind);
	}

	private List<String> explain(String sql, Parameters parameters) throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				PreparedStatement statement = connection.prepareStatement("EXPLAIN (ANALYZE, BUFFERS) " + sql)) {
			connection.setAutoCommit(false);
			QuerySettings.apply(connection);
			parameters.bind(statement);
			try (ResultSet rows = statement.executeQuery()) {
				List<String> plan = new ArrayList<>();
				while (rows.next()) {
					plan.add(rows.getString(1));
				}
				return plan;
			}
		}
	}

	/** The buffers of the topmost node, which are those of the statement. */
	private static int buffers(List<String> plan) {
		Pattern pattern = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?");
		for (String line : plan) {
			Matcher matcher = pattern.matcher(line);
			if (matcher.find()) {
				return number(matcher.group(1)) + number(matcher.group(2));
			}
		}
		throw new IllegalStateException("No buffers in " + plan);
	}

	private static int number(String digits) {
		return (digits != null) ? Integer.parseInt(digits) : 0;
	}

	private interface Parameters {

		void bind(PreparedStatement statement) throws SQLException;

	}

}
