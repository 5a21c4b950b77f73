package io.pgtask.security;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.pgtask.NextStep;
import io.pgtask.OnConflict;
import io.pgtask.PgTaskException;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskInfo;
import io.pgtask.TaskOptions;
import io.pgtask.TaskQuery;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.WorkerSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Tests that what is too large is refused or borne, and never ends a worker.
 */
@PostgresTest
class LimitsTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath()
		.keeping(HistorySettings.ALL.withState(true).withDeadTasks(true));

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final int MEBIBYTE = 1 << 20;

	private static final UUID NIL = new UUID(0, 0);

	private final TestDatabase database;

	private final Node node;

	LimitsTests(TestDatabase database) {
		this.database = database;
		this.node = new Node(database.createPool(12), TABLE);
	}

	@BeforeEach
	void createTables() throws SQLException {
		TaskSchema.create(this.database.dataSource());
		execute("TRUNCATE pg_task, pg_task_paused, pg_task_history, pg_task_dead");
		// Every statement has a third of the lease's time, and large ones take theirs.
		this.node.work(WorkerSettings.DEFAULT, (state, context) -> {
			if (state.what().equals("huge error")) {
				throw new IllegalStateException("e".repeat(20 * MEBIBYTE));
			}
			return NextStep.now(new Errand.Carry(state.what()));
		}, (state, context) -> NextStep.now(new Errand.Deliver(state.what())), (state, context) -> NextStep.done());
	}

	@AfterEach
	void stopWorker() throws Exception {
		this.node.close();
	}

	@Test
	void tooManyTagsTooLongKeysAndTooLargeHeadersAreRefusedWithTheLimit() {
		String[] million = IntStream.range(0, 1_000_000).mapToObj(String::valueOf).toArray(String[]::new);
		assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withTags(million))
			.withMessage("A task has at most 100 tags, but 1000000 were given;"
					+ " put what is not needed to find the task into its state");
		String large = "k".repeat(5 * MEBIBYTE);
		assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withTags(large))
			.withMessageStartingWith("A tag must have 1 to 100 characters but 'kkk")
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(300));
		assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withUniqueKey(large, OnConflict.KEEP))
			.withMessageStartingWith("The unique key must have 1 to 255 characters but 'kkk")
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(300));
		assertThatExceptionOfType(PgTaskException.class).isThrownBy(
				() -> this.node.client().enqueue(new Errand.Fetch("a"), TaskOptions.DEFAULT.withHeader("large", large)))
			.withMessage("The headers of a task of type Errand have 5242885 characters, but at most 65536 are allowed;"
					+ " every step is given them, so put what is large into its state");
		assertThatIllegalArgumentException().isThrownBy(() -> this.node.admin().pauseType(large, null))
			.withMessage("The name of a task type has at most 200 characters, but this one has 5242880");
	}

	@Test
	void statesOfTenMebibytesPassAllSteps() throws Exception {
		String large = "s".repeat(10 * MEBIBYTE);
		UUID id = this.node.client().enqueueAndAwait(new Errand.Fetch(large), PATIENCE).taskId();
		assertThat(this.node.history().find(id))
			.hasValueSatisfying((task) -> assertThat(task.stateJson()).isNotNull().hasSizeGreaterThan(10 * MEBIBYTE));
		List<UUID> many = this.node.client().enqueueAll(Stream.generate(() -> new Errand.Fetch(large)).limit(3));
		await().atMost(PATIENCE)
			.until(() -> many.stream().allMatch((each) -> this.node.history().find(each).isPresent()));
		assertThat(this.node.isWorking()).isTrue();
	}

	@Test
	void aPageShowsTheBeginningOfALargeState() {
		this.node.client()
			.enqueue(new Errand.Fetch("s".repeat(10 * MEBIBYTE)), TaskOptions.DEFAULT.withDelay(Duration.ofHours(1)));
		TaskInfo task = this.node.admin().find(TaskQuery.all()).get(0);
		assertThat(task.stateJson()).hasSizeLessThan(20_000);
		assertThat(this.node.admin().find(task.id()).orElseThrow().stateJson()).hasSizeGreaterThan(10 * MEBIBYTE);
	}

	@Test
	void deepJsonParksItsTaskWithAnErrorThatSaysSo() throws Exception {
		String deep = "[".repeat(100_000) + "]".repeat(100_000);
		String deeper = "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000);
		for (String state : List.of(deep, deeper, "{\"what\":" + deep + "}", "{\"what\":" + deeper + "}",
				"{\"what\":\"a\",\"unknown\":" + deep + "}", "{\"what\":" + "9".repeat(MEBIBYTE) + "}")) {
			UUID id = insert("{\"Errand\":{\"Fetch\":" + state + "}}");
			await().atMost(PATIENCE).until(() -> this.node.admin().find(id).map(TaskInfo::error).isPresent());
			assertThat(this.node.admin().find(id).orElseThrow().error()).startsWith("can't deserialize step")
				.hasSizeLessThan(2000);
			assertThat(this.node.admin().retry(id)).isEqualTo(ActionResult.DONE);
		}
		assertThat(this.node.client().enqueueAndAwait(new Errand.Fetch("good"), PATIENCE).isDone()).isTrue();
	}

	@Test
	void aHugeErrorIsCutAndTheWorkerGoesOn() throws Exception {
		UUID id = this.node.client().enqueue(new Errand.Fetch("huge error"));
		await().atMost(PATIENCE).until(() -> this.node.admin().find(id).map(TaskInfo::error).isPresent());
		assertThat(this.node.admin().find(id).orElseThrow().error()).startsWith("java.lang.IllegalStateException: eee")
			.hasSizeLessThanOrEqualTo(10_001);
		assertThat(this.node.client().enqueueAndAwait(new Errand.Fetch("good"), PATIENCE).isDone()).isTrue();
	}

	@Test
	void aRowWithEverythingTooLargeIsWorkedOn() throws Exception {
		execute("""
				INSERT INTO pg_task (id, step, tags, headers, last_error, failures, passed)
				SELECT '%s', '{"Errand":{"Fetch":{"what":"a"}}}', array_agg('tag' || n),
					jsonb_build_object('large', repeat('h', 5000000)), repeat('e', 5000000),
					jsonb_agg(jsonb_build_object('attempt', n)), jsonb_agg(jsonb_build_object('step', 'a'))
				FROM generate_series(1, 20000) n""".formatted(NIL));
		await().atMost(PATIENCE).until(() -> this.node.history().find(NIL).isPresent());
	}

	@Test
	void theNilIdIsAnIdLikeAnyOther() throws Exception {
		assertThat(this.node.admin().retry(NIL)).isEqualTo(ActionResult.NOT_FOUND);
		assertThat(this.node.deadTasks().redrive(NIL)).isEqualTo(ActionResult.NOT_FOUND);
		assertThat(this.node.client().enqueue(new Errand.Fetch("a"), TaskOptions.DEFAULT.withId(NIL))).isEqualTo(NIL);
		await().atMost(PATIENCE).until(() -> this.node.history().find(NIL).isPresent());
	}

	private UUID insert(String step) throws SQLException {
		UUID id = UUID.randomUUID();
		try (Connection connection = this.database.openConnection();
				PreparedStatement statement = connection
					.prepareStatement("INSERT INTO pg_task (id, step) VALUES (?, ?)")) {
			statement.setObject(1, id);
			statement.setString(2, step);
			statement.executeUpdate();
		}
		return id;
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
