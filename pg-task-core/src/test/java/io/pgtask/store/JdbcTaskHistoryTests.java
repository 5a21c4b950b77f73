package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.pgtask.EndedTask;
import io.pgtask.HistoryQuery;
import io.pgtask.TaskOutcome;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JdbcTaskHistory} on a history of many days.
 */
@PostgresTest
class JdbcTaskHistoryTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL);

	private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

	/** 10,000 ends a day for five days; every sixth of them in the default partition. */
	private static final String FILL = """
			DO $$
			BEGIN
				FOR day IN 1..5 LOOP
					EXECUTE format('CREATE TABLE pg_task_history_2026010%1$s PARTITION OF pg_task_history
						FOR VALUES FROM (''2026-01-0%1$s 00:00:00+00'') TO (''2026-01-0%2$s 00:00:00+00'')', day, day + 1);
				END LOOP;
			END $$;
			INSERT INTO pg_task_history (id, task, step, outcome, state, tags, tried, delivery, priority, created_at, ended_at)
			SELECT gen_random_uuid(), CASE WHEN i % 10000 = 0 THEN 'Rare' WHEN i % 3000 = 0 THEN NULL ELSE 'Greeter' END,
				'Step', CASE WHEN i % 5000 = 1 THEN 'EXPIRED' WHEN i % 5000 = 2 THEN 'OF_THE_FUTURE' ELSE 'DONE' END,
				'{"Greeter":{"Step":' || i || '}}', CASE WHEN i % 5000 = 3 THEN ARRAY['red'] END, 0, 1, 4,
				timestamptz '2026-01-01 00:00:00+00' + (i / 10) * interval '86.4 s' - interval '1 hour',
				timestamptz '2026-01-01 00:00:00+00' + (i / 10) * interval '86.4 s'
			FROM generate_series(0, 59999) i;
			ANALYZE pg_task_history;
			""";

	private final TestDatabase database;

	private final JdbcTaskHistory history;

	JdbcTaskHistoryTests(TestDatabase database) {
		this.database = database;
		this.history = new JdbcTaskHistory(database.dataSource(), TABLE);
	}

	@BeforeAll
	static void fill(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql(FILL).update();
	}

	@Test
	void thePagesOfAllEndedTasksAreWithoutGapsAndRepetitions() {
		List<EndedTask> all = pages(HistoryQuery.all().limit(1000).between(FIRST, FIRST.plus(Duration.ofHours(10))));
		assertThat(all).hasSize(4170).doesNotHaveDuplicates();
		assertThat(all).isSortedAccordingTo((one, other) -> other.endedAt().compareTo(one.endedAt()));
	}

	@Test
	void endedTasksAreFoundByTypeOutcomeTagAndTime() {
		HistoryQuery all = HistoryQuery.all();
		assertThat(this.history.find(all)).hasSize(50);
		assertThat(this.history.find(all.ofType("Rare"))).hasSize(6).allMatch((task) -> "Rare".equals(task.taskType()));
		assertThat(this.history.find(all.endedAs(TaskOutcome.EXPIRED))).hasSize(12)
			.allMatch((task) -> task.outcome() == TaskOutcome.EXPIRED);
		assertThat(this.history.find(all.endedAs(TaskOutcome.UNKNOWN))).hasSize(12)
			.allMatch((task) -> task.outcome() == TaskOutcome.UNKNOWN);
		assertThat(this.history.find(all.endedAs(TaskOutcome.CANCELLED))).isEmpty();
		assertThat(this.history.find(all.tagged("red"))).hasSize(12).allMatch((task) -> task.tags().contains("red"));
		assertThat(this.history.find(all.tagged("red").ofType("Greeter").endedAs(TaskOutcome.DONE))).hasSize(12);
		Instant day = FIRST.plus(Duration.ofDays(2));
		assertThat(pages(all.ofType("Rare").between(day, day.plus(Duration.ofDays(1))))).singleElement()
			.satisfies((task) -> assertThat(task.endedAt()).isEqualTo(day));
		assertThat(this.history.find(all.ofType("\0"))).isEmpty();
	}

	@Test
	void aPageBehindATaskWhoseRecordIsGoneIsEmpty() {
		assertThat(this.history.find(HistoryQuery.all().before(UUID.randomUUID()))).isEmpty();
	}

	@Test
	void oneEndedTaskIsFoundByItsId() {
		EndedTask task = this.history.find(HistoryQuery.all().limit(1)).get(0);
		assertThat(this.history.find(task.id())).contains(task);
		assertThat(task.duration()).isEqualTo(Duration.ofHours(1));
		assertThat(task.stateJson()).startsWith("5999");
		assertThat(this.history.find(UUID.randomUUID())).isEmpty();
	}

	@Test
	void aSearchReadsLittleMoreThanItFinds() throws SQLException {
		HistoryQuery all = HistoryQuery.all();
		for (HistoryQuery query : List.of(all, all.ofType("Greeter"), all.ofType("Rare"),
				all.endedAs(TaskOutcome.EXPIRED), all.tagged("red"), all.endedAs(TaskOutcome.DONE))) {
			NamedStatement search = HistorySearch.of(query, null);
			try (Connection connection = this.database.dataSource().getConnection()) {
				List<RecordedStatement> sent = RecordedStatement.of(connection, (recorder) -> {
					try (var statement = recorder.prepareStatement(TABLE.sql(search.sql()))) {
						search.bind(statement);
						HistorySearch.readPage(statement);
					}
				});
				List<String> plan = sent.get(0)
					.explain(connection, "force_custom_plan", "SET LOCAL enable_seqscan = off; SET LOCAL jit = off");
				assertThat(plan).as("%s%n%s", query, String.join("\n", plan))
					.noneMatch((line) -> line.contains("Seq Scan on pg_task_history"));
				assertThat(RecordedStatement.buffers(plan)).as(String.join("\n", plan)).isLessThan(1500);
				connection.setAutoCommit(true);
			}
		}
	}

	private List<EndedTask> pages(HistoryQuery query) {
		List<EndedTask> all = new ArrayList<>();
		List<EndedTask> page = this.history.find(query);
		while (!page.isEmpty()) {
			all.addAll(page);
			page = this.history.find(query.before(page.get(page.size() - 1).id()));
		}
		return all;
	}

}
