package io.pgtask.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

import io.pgtask.EndedTask;
import io.pgtask.TaskOutcome;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the SQL of {@code docs/history.md}, in its order, and looks at what it does.
 */
@PostgresTest
class HistoryGuideTests {

	private static final Path GUIDE = Path.of("../docs/history.md");

	private static final Pattern SQL = Pattern.compile("(?ms)^```sql\\R(.*?)^```$");

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL.withDeadTasks(true));

	private final TestDatabase database;

	private final TaskRows rows;

	HistoryGuideTests(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
	}

	@BeforeEach
	void createTables() {
		this.rows.reset();
	}

	@Test
	void theStatementsOfTheGuideDoWhatItSays() throws Exception {
		List<String> blocks = blocks();
		assertThat(blocks).hasSize(5);
		UUID token = UUID.randomUUID();
		UUID ended = this.rows.insertLeased(token, Duration.ofMinutes(1));
		this.rows.callInTransaction((connection) -> {
			TransitionStatements statements = new TransitionStatements(TABLE);
			statements.save(connection, List.of(new Transition.Advance(ended, token, TaskRows.STEP)), (cancelled) -> {
			});
			return statements.save(connection, List.of(new Transition.Finish(ended, token)), (cancelled) -> {
			});
		});
		execute(blocks.get(0), ended);
		execute(blocks.get(1), ended);
		UUID dead = this.rows
			.insert("""
					step = '{"FulfilOrder":{"ChargePayment":null}}', error = 'broken', parked_at = now() - interval '8 days'""");
		assertThat(
				new JdbcTaskHousekeeping(this.database.dataSource(), TABLE, HousekeepingSettings.DEFAULT).run().dead())
			.isEqualTo(1);
		execute(blocks.get(2), dead);
		assertThat(this.rows.matches(dead, "error IS NULL AND tried = 0 AND wakeup_at <= clock_timestamp()")).isTrue();
		execute(blocks.get(3), dead);
		execute(blocks.get(4), dead);
		assertThat(this.rows.ids()).isEmpty();
		assertThat(new JdbcTaskHistory(this.database.dataSource(), TABLE).find(dead)).hasValueSatisfying((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.DELETED);
			assertThat(task.step()).isEqualTo("ChargePayment");
			assertThat(task).extracting(EndedTask::taskType).isEqualTo("FulfilOrder");
		});
	}

	private static List<String> blocks() throws IOException {
		return SQL.matcher(Files.readString(GUIDE)).results().map((match) -> match.group(1)).toList();
	}

	private void execute(String sql, UUID id) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql.replace("…", id.toString()));
		}
	}

}
