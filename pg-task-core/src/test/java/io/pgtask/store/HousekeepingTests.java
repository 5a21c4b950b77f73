package io.pgtask.store;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.pgtask.HousekeepingReport;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link JdbcTaskHousekeeping}: partitions of past and future days, dead tasks,
 * and one node at a time.
 */
@PostgresTest
@Timeout(120)
class HousekeepingTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL.withDeadTasks(true));

	private static final String PARTITIONS = """
			SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
			WHERE i.inhparent = 'pg_task_history'::regclass AND c.relname <> 'pg_task_history_default' ORDER BY 1""";

	private static final String RECORD = """
			INSERT INTO pg_task_history (id, task, outcome, tried, delivery, priority, created_at, ended_at)
			SELECT gen_random_uuid(), 'Greeter', 'DONE', 0, 1, 4, %1$s, %1$s""";

	/** The first instant of a day by its distance from today, in UTC. */
	private static final String DAY = "(date_trunc('day', now() AT TIME ZONE 'UTC') + %d * interval '1 day') AT TIME ZONE 'UTC'";

	private final TestDatabase database;

	private final TaskRows rows;

	private final JdbcTaskHousekeeping housekeeping;

	HousekeepingTests(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
		this.housekeeping = housekeeping(HousekeepingSettings.DEFAULT);
	}

	private JdbcTaskHousekeeping housekeeping(HousekeepingSettings settings) {
		return new JdbcTaskHousekeeping(this.database.dataSource(), TABLE, settings);
	}

	@BeforeEach
	void emptyTables() {
		this.rows.reset();
		this.rows.strings(PARTITIONS).forEach((partition) -> this.rows.execute("DROP TABLE " + partition));
	}

	@Test
	void partitionsAreMadeForTodayAndTheDaysAheadAndThenNoMore() {
		HousekeepingReport report = this.housekeeping.run();
		assertThat(report.performed()).isTrue();
		assertThat(report.created()).containsExactly(partition(0), partition(1), partition(2), partition(3))
			.isEqualTo(this.rows.strings(PARTITIONS));
		assertThat(this.housekeeping.run()).isEqualTo(HousekeepingReport.NOTHING);
		this.rows.execute("DROP TABLE " + partition(2));
		assertThat(this.housekeeping.createPartitions().created()).containsExactly(partition(2));
	}

	@Test
	void aRecordGoesToThePartitionOfItsDayInUtcWhateverTheZoneOfTheSession() {
		this.housekeeping.run();
		record(DAY.formatted(1));
		record(DAY.formatted(1) + " - interval '1 microsecond'");
		record(DAY.formatted(2) + " - interval '1 microsecond'");
		assertThat(count(partition(0))).isEqualTo(1);
		assertThat(count(partition(1))).isEqualTo(2);
		assertThat(count("pg_task_history_default")).isZero();
	}

	@Test
	void aTaskEndsAlsoOnADayForWhichNobodyHasMadeAPartition() throws SQLException {
		UUID token = UUID.randomUUID();
		UUID id = this.rows.insertLeased(token, Duration.ofMinutes(1));
		this.rows.callInTransaction((connection) -> new TransitionStatements(TABLE).save(connection,
				List.of(new Transition.Finish(id, token)), (cancelled) -> {
				}));
		assertThat(new JdbcTaskHistory(this.database.dataSource(), TABLE).find(id)).isPresent();
		assertThat(count("pg_task_history_default")).isEqualTo(1);
		assertThat(this.housekeeping.run().created()).as("today's records stay together")
			.containsExactly(partition(1), partition(2), partition(3));
		assertThat(this.housekeeping.run()).isEqualTo(HousekeepingReport.NOTHING);
	}

	@Test
	void aPartitionIsDroppedWhenItsLastRecordIsOlderThanTheRetention() {
		for (int day = -16; day <= -12; day++) {
			partitionOf(day);
			record(DAY.formatted(day));
			record(DAY.formatted(day + 1) + " - interval '1 microsecond'");
		}
		HousekeepingReport report = this.housekeeping.pruneHistory();
		assertThat(report.dropped()).containsExactly(partition(-16), partition(-15));
		assertThat(this.rows.strings(PARTITIONS)).containsExactly(partition(-14), partition(-13), partition(-12));
		assertThat(this.housekeeping.pruneHistory().dropped()).isEmpty();
	}

	@Test
	void recordsWithoutAPartitionOfTheirOwnAreDeletedWhenTheyAreOld() {
		record("now() - interval '14 days 1 minute'");
		record("now() - interval '13 days 23 hours'");
		record("now()");
		assertThat(this.housekeeping.run().deleted()).isEqualTo(1);
		assertThat(count("pg_task_history_default")).isEqualTo(2);
		assertThat(this.housekeeping.run()).isEqualTo(HousekeepingReport.NOTHING);
	}

	@Test
	void partitionsOfOthersAreLeftAlone() {
		this.rows.execute("CREATE TABLE pg_task_history_archive PARTITION OF pg_task_history FOR VALUES FROM"
				+ " ('2001-01-01 00:00:00+00') TO ('2002-01-01 00:00:00+00')");
		try {
			record("'2001-02-03'::timestamptz");
			assertThat(this.housekeeping.run().dropped()).isEmpty();
			assertThat(count("pg_task_history_archive")).isEqualTo(1);
		}
		finally {
			this.rows.execute("DROP TABLE pg_task_history_archive");
		}
	}

	@Test
	void whoeverReadsTheHistoryHoldsUpNobody() throws Exception {
		this.housekeeping.run();
		partitionOf(-20);
		try (Connection reader = this.database.openConnection(); Statement reading = reader.createStatement()) {
			reader.setAutoCommit(false);
			reading.execute("SELECT count(*) FROM pg_task_history");
			HousekeepingReport report = this.housekeeping.run();
			assertThat(report.dropped()).isEmpty();
			assertThat(report.hindered()).containsExactly(partition(-20));
			UUID token = UUID.randomUUID();
			UUID id = this.rows.insertLeased(token, Duration.ofMinutes(1));
			this.rows.callInTransaction((connection) -> new TransitionStatements(TABLE).save(connection,
					List.of(new Transition.Finish(id, token)), (cancelled) -> {
					}));
			assertThat(this.rows.ids()).isEmpty();
			reader.rollback();
		}
		assertThat(this.housekeeping.run().dropped()).containsExactly(partition(-20));
	}

	@Test
	void oneNodeAtATimeKeepsHouseAndAnotherOneWhenItDies() throws Exception {
		try (Connection dying = this.database.openConnection()) {
			dying.setAutoCommit(false);
			HousekeepingStatements statements = new HousekeepingStatements(TABLE, HousekeepingSettings.DEFAULT);
			assertThat(statements.lock(dying)).isTrue();
			for (HousekeepingReport report : List.of(this.housekeeping.run(), this.housekeeping.createPartitions(),
					this.housekeeping.pruneHistory(), this.housekeeping.moveDeadTasks())) {
				assertThat(report.performed()).isFalse();
				assertThat(report.hasChanged()).isFalse();
			}
			assertThat(this.rows.strings(PARTITIONS)).isEmpty();
		}
		await().atMost(Duration.ofSeconds(30)).until(() -> this.housekeeping.run().created().size() == 4);
	}

	@Test
	void aNodeThatDiesOnTheWayLeavesNothingHalfDone() throws Exception {
		parked("now() - interval '8 days'");
		try (Connection dying = this.database.openConnection()) {
			dying.setAutoCommit(false);
			HousekeepingStatements statements = new HousekeepingStatements(TABLE, HousekeepingSettings.DEFAULT);
			assertThat(statements.lock(dying)).isTrue();
			assertThat(statements.prepare(dying).created()).hasSize(4);
			assertThat(statements.move(dying)).isEqualTo(1);
			assertThat(this.rows.strings(PARTITIONS)).isEmpty();
			assertThat(this.rows.ids()).hasSize(1);
			// Its connection breaks before the commit.
		}
		await().atMost(Duration.ofSeconds(30)).until(() -> this.housekeeping.run().dead() == 1);
		assertThat(this.rows.strings(PARTITIONS)).hasSize(4);
		assertThat(this.rows.ids()).isEmpty();
	}

	@Test
	void manyNodesAtOnceDoEverythingOnce() throws Exception {
		for (int i = 0; i < 5; i++) {
			parked("now() - interval '8 days'");
		}
		List<CompletableFuture<HousekeepingReport>> nodes = new ArrayList<>();
		for (int node = 0; node < 4; node++) {
			nodes.add(CompletableFuture.supplyAsync(this.housekeeping::run));
		}
		HousekeepingReport all = HousekeepingReport.NOTHING;
		for (CompletableFuture<HousekeepingReport> node : nodes) {
			all = all.and(node.get(60, TimeUnit.SECONDS));
		}
		all = all.and(this.housekeeping.run());
		assertThat(all.created()).hasSize(4);
		assertThat(all.dead()).isEqualTo(5);
	}

	@Test
	void anIdleSystemIsAskedOneQuestion() throws SQLException {
		this.housekeeping.run();
		List<String> sent = new ArrayList<>();
		DelegatingDataSource counting = new DelegatingDataSource(this.database.dataSource()) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
						new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
							if (method.getName().endsWith("Statement")) {
								sent.add((String) arguments[0]);
							}
							return method.invoke(connection, arguments);
						});
			}

		};
		assertThat(new JdbcTaskHousekeeping(counting, TABLE, HousekeepingSettings.DEFAULT).run())
			.isEqualTo(HousekeepingReport.NOTHING);
		assertThat(sent).hasSize(1);
		sent.clear();
		assertThat(new JdbcTaskHousekeeping(counting, TaskTable.inSearchPath(), HousekeepingSettings.DEFAULT).run())
			.isEqualTo(HousekeepingReport.NOTHING);
		assertThat(sent).as("where nothing is kept").isEmpty();
	}

	@Test
	void onlyTasksThatAreParkedForLongAreMovedToTheDeadOnes() {
		UUID old = parked("now() - interval '7 days 1 minute'");
		UUID young = parked("now() - interval '6 days 23 hours'");
		UUID bySql = this.rows.insert("error = 'by psql', updated_at = now() - interval '1 year'");
		UUID held = this.rows.insert("error = 'held', hold = 'strange', parked_at = now() - interval '1 year'");
		UUID waiting = this.rows
			.insert("wakeup_at = now() - interval '1 year', created_at = now() - interval '1 year'");
		UUID running = this.rows.insertLeased(UUID.randomUUID(), Duration.ofMinutes(1));
		this.rows.update(running, "parked_at = now() - interval '1 year'");
		assertThat(this.housekeeping.run().dead()).isEqualTo(1);
		assertThat(this.rows.ids()).containsExactlyInAnyOrder(young, bySql, held, waiting, running);
		assertThat(this.rows.strings("SELECT id FROM pg_task_dead")).containsExactly(old.toString());
		assertThat(this.rows.matches(bySql, "parked_at > now() - interval '1 minute'")).as("its time starts now")
			.isTrue();
		assertThat(this.housekeeping.run()).isEqualTo(HousekeepingReport.NOTHING);
	}

	@Test
	void thousandsOfDeadTasksAreMovedInBatches() {
		this.rows.execute(
				"""
						INSERT INTO pg_task (step, error, parked_at)
						SELECT '{"Greeter":{"ReadName":null}}', 'failed', now() - interval '8 days' FROM generate_series(1, 2500)
						""");
		assertThat(this.housekeeping.moveDeadTasks().dead()).isEqualTo(2500);
		assertThat(count("pg_task_dead")).isEqualTo(2500);
		assertThat(this.rows.ids()).isEmpty();
	}

	@Test
	void aRowThatSomebodyHasLockedIsLeftForTheNextTime() throws SQLException {
		UUID locked = parked("now() - interval '9 days'");
		UUID free = parked("now() - interval '8 days'");
		try (Connection operator = this.database.openConnection(); Statement statement = operator.createStatement()) {
			operator.setAutoCommit(false);
			statement.execute("SELECT FROM pg_task WHERE id = '" + locked + "' FOR UPDATE");
			assertThat(this.housekeeping.moveDeadTasks().dead()).isEqualTo(1);
			operator.rollback();
		}
		assertThat(this.rows.ids()).containsExactly(locked).doesNotContain(free);
		assertThat(this.housekeeping.moveDeadTasks().dead()).isEqualTo(1);
	}

	@Test
	void theHotTableIsNeverScanned() throws SQLException {
		this.rows.execute("""
				INSERT INTO pg_task (step, error, parked_at, quiet)
				SELECT '{"Greeter":{"ReadName":' || i || '}}', CASE WHEN i % 10 = 0 THEN 'failed' END,
					CASE WHEN i % 10 = 0 THEN now() - interval '6 days' END, true
				FROM generate_series(1, 30000) i
				""");
		parked("now() - interval '8 days'");
		this.rows.insert("error = 'by psql'");
		HousekeepingStatements statements = new HousekeepingStatements(TABLE, HousekeepingSettings.DEFAULT);
		for (String statistics : List.of("ANALYZE pg_task",
				"DELETE FROM pg_statistic WHERE starelid = 'pg_task'::regclass")) {
			this.rows.execute(statistics);
			this.rows.call((connection) -> {
				List<RecordedStatement> sent = RecordedStatement.of(connection, (recorder) -> {
					assertThat(statements.due(recorder).tasks()).isTrue();
					assertThat(statements.date(recorder)).isEqualTo(1);
					assertThat(statements.move(recorder)).isEqualTo(1);
				});
				assertThat(sent).hasSize(3);
				for (RecordedStatement statement : sent) {
					for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
						List<String> plan = statement.explain(connection, mode, null);
						assertThat(plan).as(String.join("\n", plan))
							.noneMatch((line) -> line.contains("Seq Scan on pg_task "))
							.anyMatch((line) -> line.contains("pg_task_parked_idx"));
						assertThat(RecordedStatement.buffers(plan)).isLessThan(200);
					}
				}
				connection.setAutoCommit(true);
				return true;
			});
		}
	}

	@Test
	void anOutageIsAnExceptionAndNothingIsDone() {
		PGSimpleDataSource nobody = new PGSimpleDataSource();
		nobody.setUrl("jdbc:postgresql://localhost:1/none");
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(new JdbcTaskHousekeeping(nobody, TABLE, HousekeepingSettings.DEFAULT)::run);
	}

	@Test
	void nothingThatHasNotEndedIsEverDeleted() {
		UUID waiting = this.rows.insert("created_at = now() - interval '1 year'");
		UUID parked = parked("now() - interval '1 year'");
		this.housekeeping.run();
		JdbcTaskHousekeeping impatient = housekeeping(
				new HousekeepingSettings(Duration.ofMillis(1), 1, Duration.ofMillis(1)));
		impatient.run();
		impatient.run();
		assertThat(this.rows.ids()).containsExactly(waiting);
		assertThat(this.rows.strings("SELECT id FROM pg_task_dead")).containsExactly(parked.toString());
	}

	private UUID parked(String time) {
		return this.rows.insert("error = 'no luck', tried = 3, parked_at = " + time);
	}

	private void record(String endedAt) {
		this.rows.execute(RECORD.formatted(endedAt));
	}

	private void partitionOf(int day) {
		this.rows.execute(
				"""
						DO $$ BEGIN EXECUTE format('CREATE TABLE %1$s PARTITION OF pg_task_history FOR VALUES FROM (%%L) TO (%%L)',
							%2$s, %3$s); END $$"""
					.formatted(partition(day), DAY.formatted(day), DAY.formatted(day + 1)));
	}

	private String partition(int day) {
		return this.rows
			.strings("SELECT 'pg_task_history_' || to_char(now() AT TIME ZONE 'UTC' + " + day
					+ " * interval '1 day', 'YYYYMMDD')")
			.get(0);
	}

	private long count(String table) {
		return Long.parseLong(this.rows.strings("SELECT count(*) FROM " + table).get(0));
	}

}
