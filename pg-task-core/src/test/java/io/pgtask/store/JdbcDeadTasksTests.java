package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.DeadTask;
import io.pgtask.DeadTaskQuery;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOutcome;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JdbcDeadTasks}.
 */
@PostgresTest
class JdbcDeadTasksTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL.withDeadTasks(true));

	private static final DeadTaskQuery ALL = DeadTaskQuery.all();

	private final TestDatabase database;

	private final TaskRows rows;

	private final Wakeups wakeups;

	private final AtomicInteger woken = new AtomicInteger();

	private final JdbcDeadTasks dead;

	private final JdbcTaskHousekeeping housekeeping;

	JdbcDeadTasksTests(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
		this.wakeups = new Wakeups(database.dataSource());
		this.wakeups.localWorker(this.woken::incrementAndGet);
		this.dead = new JdbcDeadTasks(database.dataSource(), TABLE, this.wakeups);
		this.housekeeping = new JdbcTaskHousekeeping(database.dataSource(), TABLE, HousekeepingSettings.DEFAULT);
	}

	@BeforeEach
	void emptyTables() {
		this.rows.reset();
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@Test
	void aDeadTaskComesBackWithItsIdAndStateAndFreshAttempts() {
		UUID id = insert("""
				priority = 7, tags = '{b,a}', unique_key = 'k', headers = '{"h":"1"}', passed = '[{"n":1}]',
				failures = '[{"at":"2026-11-25T09:31:12Z","attempt":1,"error":"no luck"}]',
				created_at = now() - interval '30 days'""");
		this.housekeeping.moveDeadTasks();
		assertThat(this.rows.ids()).isEmpty();
		assertThat(this.dead.find(id)).hasValueSatisfying((task) -> {
			assertThat(task.taskType()).isEqualTo("Greeter");
			assertThat(task.step()).isEqualTo("ReadName");
			assertThat(task.stateJson()).isEqualTo("{\"filename\":\"name.txt\"}");
			assertThat(task.error()).isEqualTo("no luck");
			assertThat(task.failures()).singleElement()
				.satisfies((failure) -> assertThat(failure.error()).isEqualTo("no luck"));
			assertThat(task.tried()).isEqualTo(3);
			assertThat(task.tags()).containsExactly("a", "b");
			assertThat(task.parkedAt()).isBefore(task.movedAt());
		});
		assertThat(this.dead.redrive(id)).isEqualTo(ActionResult.DONE);
		assertThat(this.woken).hasValue(1);
		assertThat(this.dead.find(id)).isEmpty();
		assertThat(this.rows.matches(id,
				"""
						step = '%s' AND tried = 0 AND delivery = 0 AND error IS NULL AND last_error IS NULL AND parked_at IS NULL
						AND locked_by IS NULL AND priority = 7 AND tags = '{b,a}' AND unique_key = 'k' AND headers = '{"h":"1"}'
						AND passed = '[{"n":1}]' AND failures IS NOT NULL AND wakeup_at <= clock_timestamp() AND created_at < now() - interval '29 days'"""
					.formatted(TaskRows.STEP)))
			.isTrue();
	}

	@Test
	void aTaskThatIsNotAmongTheDeadOnesIsNotFound() {
		UUID living = this.rows.insert("error = 'no luck'");
		assertThat(this.dead.find(living)).isEmpty();
		assertThat(this.dead.redrive(living)).isEqualTo(ActionResult.NOT_FOUND);
		assertThat(this.dead.delete(living)).isEqualTo(ActionResult.NOT_FOUND);
		assertThat(this.rows.ids()).containsExactly(living);
	}

	@Test
	void theKeyOfADeadTaskIsFreeAndWhoTookItKeepsIt() {
		UUID first = insert("unique_key = 'k'");
		this.housekeeping.moveDeadTasks();
		UUID second = this.rows.insert("unique_key = 'k'");
		assertThat(this.dead.redrive(first)).isEqualTo(ActionResult.NOT_APPLICABLE);
		assertThat(this.dead.redrive(ALL)).isZero();
		assertThat(this.dead.find(first)).isPresent();
		assertThat(this.rows.ids()).containsExactly(second);
		this.rows.execute("DELETE FROM pg_task");
		assertThat(this.dead.redrive(first)).isEqualTo(ActionResult.DONE);
	}

	@Test
	void whatAFilterFindsIsWhatItCountsAndWhatItMovesBack() {
		UUID wanted = insert("tags = '{vip}', error = 'java.io.IOException: 100% of the disk_space is used'");
		insert("step = '{\"Greeter\":{\"SayHello\":null}}', tags = '{vip}'");
		insert("step = '{\"Other\":{\"ReadName\":null}}', tags = '{vip}'");
		insert("error = 'java.io.IOException: something else'");
		this.housekeeping.moveDeadTasks();
		DeadTaskQuery query = ALL.ofType("Greeter")
			.atStep("ReadName")
			.tagged("vip")
			.withError("100% of the disk_")
			.parkedBefore(Instant.now());
		assertThat(this.dead.find(query)).extracting(DeadTask::id).containsExactly(wanted);
		assertThat(this.dead.count(query)).isEqualTo(1);
		assertThat(this.dead.count(query.parkedBefore(Instant.EPOCH))).isZero();
		assertThat(this.dead.count(query.parkedBefore(Instant.MIN))).isZero();
		assertThat(this.dead.count(query.parkedBefore(Instant.MAX))).isEqualTo(this.dead.count(query));
		assertThat(this.dead.count(query.withError("\0"))).isZero();
		assertThat(this.dead.count(ALL)).isEqualTo(4);
		assertThat(this.rows.ids()).as("a preview").isEmpty();
		assertThat(this.dead.redrive(query)).isEqualTo(1);
		assertThat(this.rows.ids()).containsExactly(wanted);
		assertThat(this.dead.count(ALL)).isEqualTo(3);
	}

	@Test
	void thousandsComeBackWhateverIsInTheirWay() {
		this.rows.execute(
				"""
						INSERT INTO pg_task_dead (id, task, step, error, tried, delivery, priority, created_at, parked_at, unique_key)
						SELECT gen_random_uuid(), 'Greeter', '{"Greeter":{"ReadName":null}}', 'failed', 1, 1, 4, now(), now(),
							CASE WHEN i % 2 = 0 THEN 'taken' END
						FROM generate_series(1, 5000) i
						""");
		assertThat(this.dead.redrive(ALL)).isEqualTo(2501);
		assertThat(this.dead.count(ALL)).isEqualTo(2499);
	}

	@Test
	void deadTasksAreFoundPageByPage() {
		for (int i = 0; i < 5; i++) {
			insert("tags = '{paged}'");
		}
		this.housekeeping.moveDeadTasks();
		List<DeadTask> first = this.dead.find(ALL.limit(3));
		List<DeadTask> second = this.dead.find(ALL.limit(3).before(first.get(2).id()));
		assertThat(first).hasSize(3).doesNotContainAnyElementsOf(second);
		assertThat(second).hasSize(2);
	}

	@Test
	void aTaskThatSomebodyElseIsMovingIsLeftToHim() throws SQLException {
		UUID id = insert("tags = NULL");
		this.housekeeping.moveDeadTasks();
		try (Connection other = this.database.openConnection(); Statement statement = other.createStatement()) {
			other.setAutoCommit(false);
			statement.execute("SELECT FROM pg_task_dead WHERE id = '" + id + "' FOR UPDATE");
			assertThat(this.dead.redrive(id)).isEqualTo(ActionResult.RUNNING);
			assertThat(this.dead.delete(id)).isEqualTo(ActionResult.RUNNING);
			other.rollback();
		}
		assertThat(this.dead.redrive(id)).isEqualTo(ActionResult.DONE);
	}

	@Test
	void aDeadTaskThatIsDeletedLeavesItsRecord() {
		UUID id = insert("tags = '{a}'");
		this.housekeeping.moveDeadTasks();
		assertThat(this.dead.delete(id)).isEqualTo(ActionResult.DONE);
		assertThat(this.dead.find(id)).isEmpty();
		assertThat(new JdbcTaskHistory(this.database.dataSource(), TABLE).find(id)).hasValueSatisfying((task) -> {
			assertThat(task.outcome()).isEqualTo(TaskOutcome.DELETED);
			assertThat(task.error()).isEqualTo("no luck");
			assertThat(task.step()).isEqualTo("ReadName");
		});
	}

	@Test
	void withPsqlADeadTaskComesBackAsTheGuideSays() throws SQLException {
		UUID id = insert("tags = '{a}'");
		this.housekeeping.moveDeadTasks();
		this.rows.execute("""
				WITH back AS (DELETE FROM pg_task_dead WHERE id = '%s' RETURNING *)
				INSERT INTO pg_task (id, step, priority, headers, tags, unique_key, created_at)
				SELECT id, step, priority, headers, tags, unique_key, created_at FROM back
				""".formatted(id));
		assertThat(this.rows.matches(id, "tried = 0 AND error IS NULL AND tags = '{a}'")).isTrue();
	}

	/** Inserts a task that has been parked for long. */
	private UUID insert(String assignments) {
		UUID id = this.rows.insert("error = 'no luck', tried = 3, parked_at = now() - interval '8 days'");
		this.rows.update(id, assignments);
		return id;
	}

}
