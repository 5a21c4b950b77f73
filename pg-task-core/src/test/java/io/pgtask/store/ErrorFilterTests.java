package io.pgtask.store;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import io.pgtask.DeadTask;
import io.pgtask.DeadTaskQuery;
import io.pgtask.EndedTask;
import io.pgtask.HistoryQuery;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
import io.pgtask.TaskSelection;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for whatever finds tasks by a part of their error: in the table, in the history
 * and among the dead it means the same.
 */
@PostgresTest
class ErrorFilterTests {

	/** The error of the one that is looked for, and of another that only nearly fits. */
	private static final String ERROR = "HTTP 503 at C:\\tmp: 100% of pool_a 'in use'";

	private static final String OTHER = "HTTP 503 at C:tmp: 100 percent of poolXa in use";

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL.withDeadTasks(true));

	private final TaskRows rows;

	private final Wakeups wakeups;

	private final TaskAdmin admin;

	private final JdbcTaskHistory history;

	private final JdbcDeadTasks dead;

	private UUID parked = new UUID(0, 0);

	private UUID moved = new UUID(0, 0);

	private UUID ended = new UUID(0, 0);

	ErrorFilterTests(TestDatabase database) {
		this.rows = new TaskRows(database);
		this.wakeups = new Wakeups(database.dataSource());
		this.admin = new JdbcTaskAdmin(database.dataSource(), TABLE, this.wakeups);
		this.history = new JdbcTaskHistory(database.dataSource(), TABLE);
		this.dead = new JdbcDeadTasks(database.dataSource(), TABLE, this.wakeups);
	}

	@BeforeEach
	void insert() {
		this.rows.reset();
		insertAll(OTHER);
		insertAll(ERROR);
	}

	private void insertAll(String error) {
		String literal = "'" + error.replace("'", "''") + "'";
		this.parked = this.rows.insert("error = " + literal + ", parked_at = now()");
		this.moved = UUID.randomUUID();
		this.rows.execute("""
				INSERT INTO pg_task_dead (id, task, step, error, tried, delivery, priority, created_at, parked_at)
				VALUES ('%s', 'Greeter', '%s', %s, 1, 1, 4, now(), now())""".formatted(this.moved, TaskRows.STEP,
				literal));
		this.ended = UUID.randomUUID();
		this.rows.execute(
				"""
						INSERT INTO pg_task_history (id, task, step, outcome, error, tried, delivery, priority, created_at, ended_at)
						VALUES ('%s', 'Greeter', 'ReadName', 'DELETED', %s, 1, 1, 4, now(), now())"""
					.formatted(this.ended, literal));
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	static Stream<String> parts() {
		return Stream.of("100% of", "pool_a", "C:\\tmp", "C:\\TMP: 100% OF POOL_A 'IN USE'", "Pool_A 'in USE'", ERROR);
	}

	@ParameterizedTest
	@MethodSource("parts")
	void aPartOfAnErrorIsFoundInUpperOrLowerCaseAndStandsForNothingElse(String part) {
		assertThat(tasks(part)).containsExactly(this.parked);
		assertThat(deadTasks(part)).containsExactly(this.moved);
		assertThat(endedTasks(part)).containsExactly(this.ended);
	}

	@ParameterizedTest
	@ValueSource(strings = { "HTTP%use", "HTTP ___ at", "50_", "%%", "C:\\\\tmp", "pool.a", "use' OR '1' = '1", "\0" })
	void noCharacterStandsForOthers(String part) {
		assertThat(tasks(part)).isEmpty();
		assertThat(deadTasks(part)).isEmpty();
		assertThat(endedTasks(part)).isEmpty();
	}

	@Test
	void whatIsFoundIsWhatIsCountedAndActedUpon() {
		TaskSelection selection = TaskSelection.all().withErrorContaining("POOL_A");
		assertThat(this.admin.count(selection)).isEqualTo(1);
		assertThat(this.admin.retry(selection).done()).isEqualTo(1);
		assertThat(this.rows.matches(this.parked, "error IS NULL")).isTrue();
		assertThat(this.rows.strings("SELECT error FROM pg_task WHERE error IS NOT NULL")).containsExactly(OTHER);
		DeadTaskQuery query = DeadTaskQuery.all().withError("POOL_A");
		assertThat(this.dead.count(query)).isEqualTo(1);
		assertThat(this.dead.redrive(query)).isEqualTo(1);
		assertThat(this.rows.matches(this.moved, "error IS NULL")).isTrue();
		assertThat(this.rows.strings("SELECT error FROM pg_task_dead")).containsExactly(OTHER);
	}

	@Test
	void anEmptyPartFindsWhateverHasAnError() {
		this.rows.insert();
		assertThat(tasks("")).hasSize(2).contains(this.parked);
		assertThat(deadTasks("")).hasSize(2);
		assertThat(endedTasks("")).hasSize(2);
	}

	@Test
	void inTheHistoryItNarrowsEverythingElse() {
		HistoryQuery query = HistoryQuery.all().withError("http 503");
		assertThat(endedTasks("http 503")).hasSize(2);
		assertThat(this.history.find(query.ofType("Greeter"))).hasSize(2);
		assertThat(this.history.find(query.ofType("Stranger"))).isEmpty();
		assertThat(this.history.find(query.limit(1))).hasSize(1);
	}

	private List<UUID> tasks(String part) {
		return this.admin.find(TaskQuery.of(TaskSelection.all().withErrorContaining(part)))
			.stream()
			.map(TaskInfo::id)
			.toList();
	}

	private List<UUID> deadTasks(String part) {
		return this.dead.find(DeadTaskQuery.all().withError(part)).stream().map(DeadTask::id).toList();
	}

	private List<UUID> endedTasks(String part) {
		return this.history.find(HistoryQuery.all().withError(part)).stream().map(EndedTask::id).toList();
	}

}
