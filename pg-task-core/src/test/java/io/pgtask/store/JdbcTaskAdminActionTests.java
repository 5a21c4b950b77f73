package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskInfo;
import io.pgtask.TaskState;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link JdbcTaskAdmin}: changing tasks.
 */
@PostgresTest
@Timeout(120)
class JdbcTaskAdminActionTests {

	private static final Instant LATER = Instant.parse("2999-01-02T03:04:05.123456Z");

	private final TestDatabase database;

	private final DataSource dataSource;

	private final JdbcTemplate jdbc;

	private final Wakeups wakeups;

	private final AtomicInteger woken = new AtomicInteger();

	private final JdbcTaskAdmin admin;

	JdbcTaskAdminActionTests(TestDatabase database) {
		this.database = database;
		this.dataSource = database.dataSource();
		this.jdbc = new JdbcTemplate(this.dataSource);
		this.wakeups = new Wakeups(this.dataSource);
		this.wakeups.localWorker(this.woken::incrementAndGet);
		this.admin = new JdbcTaskAdmin(this.dataSource, TaskTable.inSearchPath(), this.wakeups);
	}

	@BeforeEach
	void createTable() {
		TaskSchema.create(this.dataSource);
		this.jdbc.update("DELETE FROM pg_task");
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@Test
	void aParkedTaskIsRetriedWithFreshAttempts() {
		UUID id = parked();
		Instant before = databaseTime();
		assertThat(this.admin.retry(id)).isEqualTo(ActionResult.DONE);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.READY);
		assertThat(task.error()).isNull();
		assertThat(task.lastError()).isEqualTo("failed");
		assertThat(task.tried()).isZero();
		assertThat(task.delivery()).isZero();
		assertThat(task.wakeupAt()).isBetween(before, databaseTime());
		assertThat(task.updatedAt()).isBetween(before, databaseTime());
		assertThat(this.jdbc.queryForMap("SELECT parked_at, locked_by, lock_expires_at FROM pg_task").values())
			.containsOnlyNulls();
	}

	@Test
	void retryingWakesTheWorkersHereAndElsewhere() throws SQLException {
		try (Listener listener = new Listener(this.database, "pg_task_changed")) {
			this.admin.retry(parked());
			assertThat(this.woken).hasValue(1);
			Awaitility.await().untilAsserted(() -> assertThat(listener.received()).isNotEmpty());
		}
	}

	@Test
	void reschedulingWakesTheWorkersHereAndElsewhere() throws SQLException {
		UUID id = scheduled();
		try (Listener listener = new Listener(this.database, "pg_task_changed")) {
			this.admin.reschedule(id, Instant.EPOCH);
			assertThat(this.woken).hasValue(1);
			Awaitility.await().untilAsserted(() -> assertThat(listener.received()).isNotEmpty());
		}
	}

	@Test
	void onlyAParkedTaskIsRetried() {
		assertUntouched(scheduled(), (id) -> this.admin.retry(id), ActionResult.NOT_APPLICABLE);
		assertUntouched(ready(), (id) -> this.admin.retry(id), ActionResult.NOT_APPLICABLE);
		assertUntouched(abandoned(), (id) -> this.admin.retry(id), ActionResult.NOT_APPLICABLE);
	}

	@Test
	void aTaskWhoseTextIsNoStepIsRetriedAndDeletedLikeAnyOther() {
		UUID id = insert("nonsense", "error", "'malformed'");
		assertThat(this.admin.retry(id)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.reschedule(id, LATER)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.delete(id)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.find(id)).isEmpty();
	}

	@Test
	void waitingParkedAndAbandonedTasksAreCancelledAndDeleted() {
		for (UUID id : List.of(ready(), scheduled(), parked(), abandoned())) {
			assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.find(id)).isEmpty();
		}
		for (UUID id : List.of(ready(), scheduled(), parked(), abandoned())) {
			assertThat(this.admin.delete(id)).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.find(id)).isEmpty();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "NULL", "'by hand'" })
	void aTaskThatAWorkerHoldsIsAskedToEndAndItsLeaseStaysAsItIs(String error) throws SQLException {
		UUID id = leased(error);
		Map<String, Object> before = row(id);
		Instant asked = databaseTime();
		try (Listener listener = new Listener(this.database, CancelNotice.CHANNEL)) {
			assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
			assertThat(listener.received()).containsExactly(id.toString());
		}
		Instant requestedAt = this.admin.find(id).orElseThrow().cancelRequestedAt();
		assertThat(requestedAt).isBetween(asked, databaseTime());
		Map<String, Object> after = row(id);
		assertThat(after).isNotEqualTo(before);
		before.keySet().removeAll(List.of("cancel_requested_at", "xmin"));
		assertThat(after).containsAllEntriesOf(before);
		assertThat(this.admin.cancel(id)).isEqualTo(ActionResult.REQUESTED);
		assertThat(this.admin.find(id).orElseThrow().cancelRequestedAt()).isEqualTo(requestedAt);
		assertThat(this.woken).hasValue(0);
	}

	@Test
	void whoeverAwaitsATaskThatIsCancelledIsTold() throws SQLException {
		UUID id = ready();
		this.jdbc.update("UPDATE pg_task SET awaited = true");
		try (Listener listener = new Listener(this.database, EndNotice.CHANNEL)) {
			this.admin.cancel(id);
			assertThat(listener.received()).containsExactly("cancelled " + id);
		}
	}

	@Test
	void aRetriedTaskIsNotCancelledAnyMoreAndKeepsWhatIsKnownOfItsFailures() {
		UUID id = parked();
		this.jdbc.update("UPDATE pg_task SET cancel_requested_at = now(), postponed = 3, failures = '[1]'");
		this.admin.retry(id);
		assertThat(this.jdbc.queryForMap("SELECT cancel_requested_at, postponed, failures::text FROM pg_task"))
			.isEqualTo(values("cancel_requested_at", null, "postponed", null, "failures", "[1]"));
	}

	@Test
	void aPriorityIsChangedOfWhatIsWaitingOrParked() {
		for (UUID id : List.of(ready(), scheduled(), parked(), abandoned())) {
			assertThat(this.admin.prioritize(id, 9)).isEqualTo(ActionResult.DONE);
			assertThat(this.admin.find(id).orElseThrow().priority()).isEqualTo(9);
		}
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> this.admin.prioritize(UUID.randomUUID(), 10));
	}

	@Test
	void tasksAreDeletedByTagUnlessAWorkerHoldsThem() {
		List<UUID> tagged = List.of(ready(), scheduled(), parked(), abandoned());
		UUID held = ready();
		UUID running = ready();
		UUID other = ready();
		this.jdbc.update("UPDATE pg_task SET tags = '{red,green}' WHERE id <> ?", other);
		this.jdbc.update("UPDATE pg_task SET tags = '{green}' WHERE id = ?", other);
		this.jdbc.update("UPDATE pg_task SET hold = 'reserved' WHERE id = ?", held);
		this.jdbc.update("""
				UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 minute'
				WHERE id = ?""", running);
		assertThat(this.admin.deleteTagged("red")).isEqualTo(tagged.size() + 1);
		assertThat(this.jdbc.queryForList("SELECT id FROM pg_task", UUID.class)).containsExactlyInAnyOrder(running,
				other);
		assertThat(this.admin.deleteTagged("blue")).isZero();
		assertThat(this.admin.deleteTagged("\0")).isZero();
	}

	@Test
	void whoeverAwaitsATaskThatIsDeletedByTagIsTold() throws SQLException {
		UUID awaited = ready();
		ready();
		this.jdbc.update("UPDATE pg_task SET tags = '{red}', awaited = CASE WHEN id = ? THEN true END", awaited);
		try (Listener listener = new Listener(this.database, EndNotice.CHANNEL)) {
			assertThat(this.admin.deleteTagged("red")).isEqualTo(2);
			assertThat(listener.received()).containsExactly("deleted " + awaited);
		}
	}

	@Test
	void aHeldTaskIsRescheduledAndStaysHeld() {
		UUID id = ready();
		this.jdbc.update("UPDATE pg_task SET hold = 'reserved', wakeup_at = now() + interval '1 hour'");
		Instant until = this.admin.find(id).orElseThrow().heldUntil();
		assertThat(this.admin.reschedule(id, LATER)).isEqualTo(ActionResult.DONE);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.state()).isEqualTo(TaskState.HELD);
		assertThat(task.wakeupAt()).isEqualTo(LATER);
		assertThat(task.heldUntil()).isEqualTo(until);
	}

	@Test
	void aWaitingTaskIsRescheduled() {
		for (UUID id : List.of(ready(), scheduled(), abandoned())) {
			assertThat(this.admin.reschedule(id, LATER)).isEqualTo(ActionResult.DONE);
			TaskInfo task = this.admin.find(id).orElseThrow();
			assertThat(task.wakeupAt()).isEqualTo(LATER);
			assertThat(task.state()).isEqualTo(TaskState.SCHEDULED);
		}
	}

	@Test
	void reschedulingKeepsWhatIsKnownOfTheAttempts() {
		UUID id = insert("{\"T\":{\"S\":1}}", "tried, delivery, last_error", "2, 5, 'failed'");
		this.admin.reschedule(id, LATER);
		TaskInfo task = this.admin.find(id).orElseThrow();
		assertThat(task.tried()).isEqualTo(2);
		assertThat(task.delivery()).isEqualTo(5);
		assertThat(task.lastError()).isEqualTo("failed");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1999-01-01T00:00:00Z", "-1000000000-01-01T00:00:00Z" })
	void aTaskRescheduledToThePastIsDueNow(Instant past) {
		UUID id = scheduled();
		Instant before = databaseTime();
		assertThat(this.admin.reschedule(id, past)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.find(id).orElseThrow().wakeupAt()).isBetween(before, databaseTime());
	}

	@Test
	void aParkedTaskIsNotRescheduled() {
		assertUntouched(parked(), (id) -> this.admin.reschedule(id, LATER), ActionResult.NOT_APPLICABLE);
	}

	@Test
	void badArgumentsAreRefused() {
		UUID id = scheduled();
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> this.admin.reschedule(id, Instant.MAX))
			.withMessageContaining("later than");
		assertThatNullPointerException().isThrownBy(() -> this.admin.reschedule(id, nothing()));
		assertThatNullPointerException().isThrownBy(() -> this.admin.reschedule((UUID) nothing(), LATER));
		assertThatNullPointerException().isThrownBy(() -> this.admin.retry((UUID) nothing()));
		assertThatNullPointerException().isThrownBy(() -> this.admin.cancel((UUID) nothing()));
		assertThatNullPointerException().isThrownBy(() -> this.admin.delete((UUID) nothing()));
	}

	@ParameterizedTest
	@EnumSource(Action.class)
	void aTaskThatIsNotThereIsNotFound(Action action) {
		ready();
		assertThat(action.act(this.admin, UUID.randomUUID())).isEqualTo(ActionResult.NOT_FOUND);
		assertThat(this.woken).hasValue(0);
	}

	@ParameterizedTest
	@EnumSource(value = Action.class, mode = Mode.EXCLUDE, names = "CANCEL")
	void aTaskThatAWorkerHoldsIsUntouched(Action action) {
		assertUntouched(leased("NULL"), (id) -> action.act(this.admin, id), ActionResult.RUNNING);
	}

	@ParameterizedTest
	@EnumSource(value = Action.class, mode = Mode.EXCLUDE, names = "CANCEL")
	void aTaskThatAWorkerHoldsIsUntouchedEvenIfSomebodyHasParkedIt(Action action) {
		assertUntouched(leased("'by hand'"), (id) -> action.act(this.admin, id), ActionResult.RUNNING);
	}

	@ParameterizedTest
	@EnumSource(value = Action.class, mode = Mode.EXCLUDE, names = "CANCEL")
	void aTransactionThatTriedInVainDoesNotKeepAWorkerFromItsRow(Action action) throws SQLException {
		UUID id = leased("NULL");
		try (Connection worker = this.database.openConnection()) {
			JdbcTaskClientTransactionTests.transaction(this.dataSource).executeWithoutResult((status) -> {
				assertThat(action.act(this.admin, id)).isEqualTo(ActionResult.RUNNING);
				execute(worker, "SELECT FROM pg_task FOR UPDATE NOWAIT");
			});
		}
	}

	@ParameterizedTest
	@EnumSource(Action.class)
	void aRowThatStaysLockedDoesNotBlock(Action action) throws SQLException {
		UUID id = (action == Action.RETRY) ? parked() : ready();
		try (Connection other = lock(id)) {
			long start = System.nanoTime();
			assertUntouched(id, (locked) -> action.act(this.admin, locked), ActionResult.RUNNING);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
			other.rollback();
		}
		assertThat(action.act(this.admin, id)).isEqualTo(ActionResult.DONE);
	}

	@ParameterizedTest
	@EnumSource(Action.class)
	void aRowThatIsLockedForAMomentIsWaitedFor(Action action) throws Exception {
		UUID id = (action == Action.RETRY) ? parked() : ready();
		AtomicInteger tries = new AtomicInteger();
		JdbcTaskAdmin counted = new JdbcTaskAdmin(new DelegatingDataSource(this.dataSource) {

			@Override
			public Connection getConnection() throws SQLException {
				tries.incrementAndGet();
				return super.getConnection();
			}

		}, TaskTable.inSearchPath(), this.wakeups);
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try (Connection other = lock(id)) {
			Future<ActionResult> result = thread.submit(() -> action.act(counted, id));
			Awaitility.await().until(() -> tries.get() > 1);
			other.rollback();
			assertThat(result.get()).isEqualTo(ActionResult.DONE);
		}
		finally {
			thread.shutdown();
		}
	}

	@Test
	void aRowThatIsClaimedMeanwhileIsUntouched() throws Exception {
		UUID id = ready();
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try (Connection worker = lock(id)) {
			Future<ActionResult> result = thread.submit(() -> this.admin.delete(id));
			execute(worker,
					"UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 min'");
			worker.commit();
			assertThat(result.get()).isEqualTo(ActionResult.RUNNING);
			assertThat(this.admin.find(id)).isPresent();
		}
		finally {
			thread.shutdown();
		}
	}

	@Test
	void aRowThatEndsMeanwhileIsNotFound() throws Exception {
		UUID id = ready();
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try (Connection worker = lock(id)) {
			Future<ActionResult> result = thread.submit(() -> this.admin.reschedule(id, LATER));
			execute(worker, "DELETE FROM pg_task");
			worker.commit();
			assertThat(result.get()).isEqualTo(ActionResult.NOT_FOUND);
		}
		finally {
			thread.shutdown();
		}
	}

	@Test
	void anInterruptEndsTheWaitForALockedRow() throws Exception {
		UUID id = ready();
		try (Connection other = lock(id)) {
			Thread.currentThread().interrupt();
			assertThat(this.admin.delete(id)).isEqualTo(ActionResult.RUNNING);
			assertThat(Thread.interrupted()).isTrue();
			other.rollback();
		}
	}

	@Test
	void anActionAndSomebodyWhoKeepsChangingTheRowLoseNothing() throws Exception {
		UUID id = ready();
		AtomicBoolean done = new AtomicBoolean();
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try {
			Future<Integer> changes = thread.submit(() -> {
				int changed = 0;
				while (!done.get()) {
					changed += this.jdbc.update("UPDATE pg_task SET tried = tried + 1 WHERE id = ?", id);
				}
				return changed;
			});
			Instant expected = this.admin.find(id).orElseThrow().wakeupAt();
			int successes = 0;
			for (int i = 0; i < 100 || successes == 0; i++) {
				Instant time = LATER.plusSeconds(i);
				if (this.admin.reschedule(id, time) == ActionResult.DONE) {
					expected = time;
					successes++;
				}
				assertThat(this.admin.find(id).orElseThrow().wakeupAt()).isEqualTo(expected);
			}
			done.set(true);
			int changed = changes.get();
			assertThat(this.admin.find(id).orElseThrow().tried()).isEqualTo(changed).isPositive();
		}
		finally {
			done.set(true);
			thread.shutdown();
		}
	}

	@Test
	void actionsInOppositeOrdersDoNotDeadlock() throws Exception {
		UUID first = scheduled();
		UUID second = scheduled();
		ExecutorService threads = Executors.newFixedThreadPool(2);
		try {
			List<Future<?>> results = new ArrayList<>();
			for (List<UUID> order : List.of(List.of(first, second), List.of(second, first))) {
				results.add(threads.submit(() -> {
					for (int i = 0; i < 5; i++) {
						JdbcTaskClientTransactionTests.transaction(this.dataSource)
							.executeWithoutResult((status) -> order.forEach((id) -> this.admin.reschedule(id, LATER)));
					}
				}));
			}
			for (Future<?> result : results) {
				result.get();
			}
		}
		finally {
			threads.shutdown();
		}
	}

	@ParameterizedTest
	@EnumSource(Action.class)
	void anActionJoinsTheRunningTransaction(Action action) {
		UUID id = (action == Action.RETRY) ? parked() : scheduled();
		TaskInfo before = this.admin.find(id).orElseThrow();
		TransactionTemplate transaction = JdbcTaskClientTransactionTests.transaction(this.dataSource);
		transaction.executeWithoutResult((status) -> {
			assertThat(action.act(this.admin, id)).isEqualTo(ActionResult.DONE);
			assertThat(this.woken).hasValue(0);
			status.setRollbackOnly();
		});
		assertThat(this.admin.find(id)).contains(before);
		assertThat(this.woken).hasValue(0);
		transaction.executeWithoutResult((status) -> {
			assertThat(action.act(this.admin, id)).isEqualTo(ActionResult.DONE);
			assertThat(this.woken).hasValue(0);
		});
		assertThat(this.admin.find(id)).isNotEqualTo(before);
		assertThat(this.woken).hasValue(action.makesWork() ? 1 : 0);
	}

	@Test
	void aSnapshotThatIsTooOldIsAConcurrencyFailure() {
		UUID id = scheduled();
		TransactionTemplate transaction = JdbcTaskClientTransactionTests.transaction(this.dataSource);
		transaction.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
		assertThatExceptionOfType(ConcurrencyFailureException.class)
			.isThrownBy(() -> transaction.executeWithoutResult((status) -> {
				this.admin.find(id);
				execute("UPDATE pg_task SET tried = 1");
				this.admin.delete(id);
			}));
		assertThat(this.admin.find(id)).isPresent();
	}

	@Test
	void actionsWorkWithoutAutoCommit() {
		JdbcTaskAdmin withoutAutoCommit = new JdbcTaskAdmin(new WithoutAutoCommit(this.dataSource),
				TaskTable.inSearchPath(), this.wakeups);
		UUID id = parked();
		assertThat(withoutAutoCommit.retry(id)).isEqualTo(ActionResult.DONE);
		assertThat(this.admin.find(id).orElseThrow().state()).isEqualTo(TaskState.READY);
		assertThat(this.woken).hasValue(1);
	}

	@Test
	void aRowOfATableSharedWithRustIsChangedAlike() {
		TaskTable table = TaskTable.inSchema("rust");
		TaskSchema.create(this.dataSource, table, true);
		JdbcTaskAdmin shared = new JdbcTaskAdmin(this.dataSource, table, this.wakeups);
		UUID id = UUID.randomUUID();
		this.jdbc.update("INSERT INTO rust.pg_task (id, step, error, tried) VALUES (?, '{\"T\":{\"S\":1}}', 'x', 3)",
				id);
		assertThat(shared.retry(id)).isEqualTo(ActionResult.DONE);
		assertThat(shared.reschedule(id, LATER)).isEqualTo(ActionResult.DONE);
		assertThat(shared.find(id).orElseThrow().tried()).isZero();
		assertThat(shared.cancel(id)).isEqualTo(ActionResult.DONE);
	}

	private void assertUntouched(UUID id, Attempt attempt, ActionResult expected) {
		Map<String, Object> before = row(id);
		assertThat(attempt.act(id)).isEqualTo(expected);
		assertThat(row(id)).isEqualTo(before);
		assertThat(this.woken).hasValue(0);
	}

	private static Map<String, @Nullable Object> values(@Nullable Object... namesAndValues) {
		Map<String, @Nullable Object> values = new HashMap<>();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			values.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
		}
		return values;
	}

	private Map<String, Object> row(UUID id) {
		return this.jdbc.queryForMap("SELECT *, xmin::text FROM pg_task WHERE id = ?", id);
	}

	private UUID ready() {
		return insert("{\"T\":{\"S\":1}}", "wakeup_at", "now() - interval '1 min'");
	}

	private UUID scheduled() {
		return insert("{\"T\":{\"S\":1}}", "wakeup_at", "now() + interval '1 day'");
	}

	private UUID parked() {
		return insert("{\"T\":{\"S\":1}}", "error, last_error, parked_at, tried, delivery, wakeup_at",
				"'failed', 'failed', now(), 6, 8, now() - interval '1 day'");
	}

	/** A task whose worker is gone. */
	private UUID abandoned() {
		return insert("{\"T\":{\"S\":1}}", "locked_by, lock_expires_at, delivery",
				"gen_random_uuid(), now() - interval '1 s', 1");
	}

	private UUID leased(String error) {
		return insert("{\"T\":{\"S\":1}}", "locked_by, lock_expires_at, delivery, error",
				"gen_random_uuid(), now() + interval '1 min', 1, " + error);
	}

	private UUID insert(String text, String columns, String values) {
		UUID id = TaskIds.shared().next();
		this.jdbc.update("INSERT INTO pg_task (id, step, " + columns + ") VALUES (?, ?, " + values + ")", id, text);
		return id;
	}

	private Connection lock(UUID id) throws SQLException {
		Connection connection = this.database.openConnection();
		connection.setAutoCommit(false);
		execute(connection, "SELECT FROM pg_task WHERE id = '" + id + "' FOR UPDATE");
		return connection;
	}

	private void execute(String sql) {
		try (Connection connection = this.database.openConnection()) {
			execute(connection, sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void execute(Connection connection, String sql) {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Instant databaseTime() {
		return this.jdbc.query("SELECT clock_timestamp()", (rows) -> {
			rows.next();
			return rows.getObject(1, OffsetDateTime.class).toInstant();
		});
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

	private interface Attempt {

		ActionResult act(UUID id);

	}

	enum Action {

		RETRY, CANCEL, DELETE, RESCHEDULE, PRIORITIZE;

		ActionResult act(JdbcTaskAdmin admin, UUID id) {
			return switch (this) {
				case RETRY -> admin.retry(id);
				case CANCEL -> admin.cancel(id);
				case DELETE -> admin.delete(id);
				case RESCHEDULE -> admin.reschedule(id, LATER);
				case PRIORITIZE -> admin.prioritize(id, 9);
			};
		}

		boolean makesWork() {
			return this != CANCEL && this != DELETE;
		}

	}

}
