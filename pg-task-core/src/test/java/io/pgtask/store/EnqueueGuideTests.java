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
import java.util.regex.Pattern;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs the SQL of {@code docs/enqueue.md}, in its order, and looks at what it does.
 */
@PostgresTest
class EnqueueGuideTests {

	private static final Path GUIDE = Path.of("../docs/enqueue.md");

	private static final Pattern SQL = Pattern.compile("(?ms)^```sql\\R(.*?)^```$");

	private final TestDatabase database;

	private final TaskRows rows;

	EnqueueGuideTests(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
	}

	@BeforeEach
	void createTable() {
		this.rows.reset();
	}

	@Test
	void theStatementsOfTheGuideDoWhatItSays() throws Exception {
		List<String> blocks = blocks();
		assertThat(blocks).hasSize(6);
		try (Listener listener = new Listener(this.database, "pg_task_changed")) {
			assertThat(execute(blocks.get(0))).containsExactly(1, 1);
			await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(listener.received()).isNotEmpty());
		}
		assertThat(this.rows.strings("SELECT task FROM pg_task")).containsExactly("Greeter", "Greeter");
		assertThat(this.rows.strings("""
				SELECT id FROM pg_task WHERE priority = 9 AND headers ->> 'tenant' = 'a'
				AND deadline > wakeup_at AND wakeup_at > now()""")).hasSize(1);
		assertThat(execute(blocks.get(1))).containsExactly(-1, 1);
		assertThat(this.rows.ids()).hasSize(1);
		assertThat(execute(blocks.get(2))).containsExactly(1);
		assertThat(execute(blocks.get(2))).containsExactly(0);
		assertThat(execute(blocks.get(3))).containsExactly(1);
		assertThat(this.rows.strings("SELECT step FROM pg_task WHERE unique_key = 'hello'"))
			.containsExactly("{\"Greeter\":{\"SayHello\":{\"name\":\"Alice\"}}}");
		this.rows.execute("""
				UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 minute'
				WHERE unique_key = 'hello'""");
		assertThat(execute(blocks.get(3))).as("a worker runs it").containsExactly(0);
		try (Listener listener = new Listener(this.database, "pg_task_changed")) {
			assertThat(execute(blocks.get(4))).containsExactly(1);
			assertThat(listener.received()).as("no worker can run it").isEmpty();
			assertThat(this.rows.strings("SELECT count(*) FROM pg_task WHERE hold = 'reserved' AND wakeup_at > now()"))
				.containsExactly("1");
			assertThat(execute(blocks.get(5))).containsExactly(-1);
			assertThat(listener.received()).isNotEmpty();
			assertThat(this.rows.strings("SELECT count(*) FROM pg_task WHERE hold IS NULL AND step LIKE '%Carol%'"
					+ " AND wakeup_at <= clock_timestamp()"))
				.containsExactly("1");
		}
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
