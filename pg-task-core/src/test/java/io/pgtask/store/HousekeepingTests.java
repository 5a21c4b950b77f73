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
 * Tests for {@link JdbcTaskHousekeeping}: dead tasks, and one node at a time.
 */
@PostgresTest
@Timeout(120)
class HousekeepingTests {

	private final House house;

	private final TaskRows rows;

	private final JdbcTaskHousekeeping housekeeping;

	HousekeepingTests(TestDatabase database) {
		this.house = new House(database);
		this.rows = this.house.rows();
		this.housekeeping = this.house.housekeeping();
	}

	@BeforeEach
	void emptyTables() {
		this.house.emptyTables();
	}

	@Test
	void oneNodeAtATimeKeepsHouseAndAnotherOneWhenItDies() throws Exception {
		try (Connection dying = this.house.database().openConnection()) {
			dying.setAutoCommit(false);
			HousekeepingStatements statements = new HousekeepingStatements(House.TABLE, HousekeepingSettings.DEFAULT);
			assertThat(statements.lock(dying)).isTrue();
			for (HousekeepingReport report : List.of(this.housekeeping.run(), this.housekeeping.createPartitions(),
					this.housekeeping.pruneHistory(), this.housekeeping.moveDeadTasks())) {
				assertThat(report.performed()).isFalse();
				assertThat(report.hasChanged()).isFalse();
			}
			assertThat(this.rows.strings(House.PARTITIONS)).isEmpty();
		}
		await().atMost(Duration.ofSeconds(30)).until(() -> this.housekeeping.run().created().size() == 4);
	}

	@Test
	void aNodeThatDiesOnTheWayLeavesNothingHalfDone() throws Exception {
		this.house.parked("now() - interval '8 days'");
		try (Connection dying = this.house.database().openConnection()) {
			dying.setAutoCommit(false);
			HousekeepingStatements statements = new HousekeepingStatements(House.TABLE, HousekeepingSettings.DEFAULT);
			assertThat(statements.lock(dying)).isTrue();
			assertThat(statements.prepare(dying).created()).hasSize(4);
			assertThat(statements.move(dying)).isEqualTo(1);
			assertThat(this.rows.strings(House.PARTITIONS)).isEmpty();
			assertThat(this.rows.ids()).hasSize(1);
			// Its connection breaks before the commit.
		}
		await().atMost(Duration.ofSeconds(30)).until(() -> this.housekeeping.run().dead() == 1);
		assertThat(this.rows.strings(House.PARTITIONS)).hasSize(4);
		assertThat(this.rows.ids()).isEmpty();
	}

	@Test
	void manyNodesAtOnceDoEverythingOnce() throws Exception {
		for (int i = 0; i < 5; i++) {
			this.house.parked("now() - interval '8 days'");
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
		DelegatingDataSource counting = new DelegatingDataSource(this.house.database().dataSource()) {

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
		assertThat(new JdbcTaskHousekeeping(counting, House.TABLE, HousekeepingSettings.DEFAULT).run())
			.isEqualTo(HousekeepingReport.NOTHING);
		assertThat(sent).hasSize(1);
		sent.clear();
		assertThat(new JdbcTaskHousekeeping(counting, TaskTable.inSearchPath(), HousekeepingSettings.DEFAULT).run())
			.isEqualTo(HousekeepingReport.NOTHING);
		assertThat(sent).as("where nothing is kept").isEmpty();
	}

	@Test
	void onlyTasksThatAreParkedForLongAreMovedToTheDeadOnes() {
		UUID old = this.house.parked("now() - interval '7 days 1 minute'");
		UUID young = this.house.parked("now() - interval '6 days 23 hours'");
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
		assertThat(this.house.count("pg_task_dead")).isEqualTo(2500);
		assertThat(this.rows.ids()).isEmpty();
	}

	@Test
	void aRowThatSomebodyHasLockedIsLeftForTheNextTime() throws SQLException {
		UUID locked = this.house.parked("now() - interval '9 days'");
		UUID free = this.house.parked("now() - interval '8 days'");
		try (Connection operator = this.house.database().openConnection();
				Statement statement = operator.createStatement()) {
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
		this.house.parked("now() - interval '8 days'");
		this.rows.insert("error = 'by psql'");
		HousekeepingStatements statements = new HousekeepingStatements(House.TABLE, HousekeepingSettings.DEFAULT);
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
			.isThrownBy(new JdbcTaskHousekeeping(nobody, House.TABLE, HousekeepingSettings.DEFAULT)::run);
	}

	@Test
	void nothingThatHasNotEndedIsEverDeleted() {
		UUID waiting = this.rows.insert("created_at = now() - interval '1 year'");
		UUID parked = this.house.parked("now() - interval '1 year'");
		UUID held = this.rows.insert("hold = 'reserved', wakeup_at = now() - interval '1 year'");
		UUID abandoned = this.rows
			.insert("""
					locked_by = gen_random_uuid(), lock_expires_at = now() - interval '1 year', deadline = now() - interval '1 year',
					cancel_requested_at = now() - interval '1 year'""");
		this.housekeeping.run();
		JdbcTaskHousekeeping impatient = this.house
			.keptAs(new HousekeepingSettings(Duration.ofMillis(1), 1, Duration.ofMillis(1)));
		impatient.run();
		impatient.run();
		assertThat(this.rows.ids()).containsExactlyInAnyOrder(waiting, held, abandoned);
		assertThat(this.rows.strings("SELECT id FROM pg_task_dead")).containsExactly(parked.toString());
	}

}
