package io.pgtask.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the SQL of {@code docs/operations.md}, in its order, and looks at what it does.
 */
@PostgresTest
class OperationsGuideTests {

	private static final Path GUIDE = Path.of("../docs/operations.md");

	private static final Pattern SQL = Pattern.compile("(?ms)^```sql\\R(.*?)^```$");

	private static final UUID ONE = UUID.fromString("0198c0de-0000-7000-8000-000000000001");

	private final TestDatabase database;

	private final TaskRows rows;

	OperationsGuideTests(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
	}

	@BeforeEach
	void createTable() {
		this.rows.reset();
		this.rows.execute("DELETE FROM pg_task_paused");
	}

	@Test
	void theStatementsOfTheGuideDoWhatItSays() throws Exception {
		List<String> blocks = blocks();
		assertThat(blocks).hasSize(6);
		park("Greeter", "java.nio.file.NoSuchFileException: nmae.txt");
		this.rows.execute("UPDATE pg_task SET id = '" + ONE + "'");
		park("FulfilOrder", "PaymentUnavailableException: 503 Service Unavailable");
		finding(blocks.get(0));
		retrying(blocks.get(1));
		mending(blocks.get(2));
		cancelling(blocks.get(3));
		cleaningUp(blocks.get(4));
		pausing(blocks.get(5));
	}

	private void finding(String block) throws SQLException {
		assertThat(execute(block)).containsExactly(-1, -1, -1);
	}

	private void retrying(String block) throws SQLException {
		try (Listener listener = new Listener(this.database, "pg_task_changed")) {
			assertThat(execute(block)).containsExactly(1, 1);
			assertThat(listener.received()).isNotEmpty();
		}
		assertThat(this.rows.strings("SELECT id FROM pg_task WHERE error IS NULL")).hasSize(2);
	}

	private void mending(String block) throws SQLException {
		assertThat(execute(block)).as("nothing is parked").containsExactly(0, 0);
		List<String> statements = List.of(block.split("(?<=;)\\R+"));
		assertThat(statements).hasSize(2);
		for (String statement : statements) {
			this.rows.update(ONE, "error = 'failed', parked_at = now()");
			assertThat(execute(statement)).containsExactly(1);
		}
		assertThat(this.rows.row(ONE)).containsEntry("step", "{\"Greeter\":{\"SayHello\":{\"name\":\"Bob\"}}}");
	}

	private void cancelling(String block) throws SQLException {
		UUID waiting = this.rows.insert("tags = '{order}'");
		UUID running = this.rows.insertLeased(UUID.randomUUID(), Duration.ofMinutes(10));
		this.rows.update(running, "tags = '{order}'");
		assertThat(execute(block)).containsExactly(1, 1);
		assertThat(this.rows.ids()).contains(running).doesNotContain(waiting);
		assertThat(this.rows.matches(running, "cancel_requested_at IS NOT NULL AND lock_expires_at > now()")).isTrue();
	}

	private void cleaningUp(String block) throws SQLException {
		UUID old = this.rows.insert("error = 'failed', parked_at = now() - interval '31 days'");
		UUID young = this.rows.insert("error = 'failed', parked_at = now()");
		UUID running = this.rows.insertLeased(UUID.randomUUID(), Duration.ofMinutes(10));
		assertThat(execute(block).get(0)).isEqualTo(1);
		assertThat(this.rows.ids()).contains(young, running).doesNotContain(old);
		assertThat(this.rows.matches(ONE, "wakeup_at > now() + interval '23 hours' AND priority = 9")).isTrue();
		assertThat(this.rows.matches(running, "wakeup_at <= now() AND priority = 4")).isTrue();
	}

	private void pausing(String block) throws SQLException {
		try (Listener listener = new Listener(this.database, "pg_task_changed")) {
			assertThat(execute(block)).containsExactly(1, -1, 1);
			assertThat(listener.received()).isNotEmpty();
		}
	}

	private void park(String type, String error) {
		this.rows.insert("step = '{\"%s\":{\"First\":{}}}', error = '%s', parked_at = now()".formatted(type, error));
	}

	private static List<String> blocks() throws IOException {
		return SQL.matcher(Files.readString(GUIDE)).results().map((match) -> match.group(1)).toList();
	}

	/** Returns how many rows each statement changed, and -1 for one that returns rows. */
	private List<Integer> execute(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			List<Integer> counts = new ArrayList<>();
			boolean rows = statement.execute(sql);
			while (rows || statement.getUpdateCount() >= 0) {
				counts.add(rows ? -1 : statement.getUpdateCount());
				rows = statement.getMoreResults();
			}
			return counts;
		}
	}

}
