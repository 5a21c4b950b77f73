package io.pgtask.worker;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskEnd;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link TaskEndWatch}. Where a test is about what is notified, the next look
 * is an hour away; where it is about looking, nothing listens.
 */
@TaskTableTest
@Timeout(60)
class TaskEndWatchTests {

	private static final Duration NEVER = Duration.ofHours(1);

	private static final Duration OFTEN = Duration.ofMillis(100);

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final List<TaskEndWatch> watches = new ArrayList<>();

	TaskEndWatchTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void close() throws Exception {
		this.watches.forEach(TaskEndWatch::close);
		this.harness.stopAll();
	}

	@Test
	void tellsThatATaskIsDoneWhichAnotherNodeRuns() throws Exception {
		this.harness.start((state, context) -> NextStep.now(new Journey.End(state.name())));
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = listening().watch(id);
		awaitMarked(id);
		this.harness.run();
		assertThat(get(end)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.DONE, null));
	}

	@Test
	void tellsTheErrorThatATaskIsParkedWithAtOnce() throws Exception {
		this.harness.retry(1, Duration.ofMillis(10)).start((state, context) -> {
			throw new IllegalStateException("no luck");
		});
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = listening().watch(id);
		awaitMarked(id);
		this.harness.run();
		assertThat(get(end))
			.isEqualTo(new TaskEnd(id, TaskEnd.Outcome.ERRORED, "java.lang.IllegalStateException: no luck"));
	}

	@Test
	void tellsThatAnOperatorHasDeletedATask() throws Exception {
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = listening().watch(id);
		awaitMarked(id);
		try (Wakeups wakeups = new Wakeups(this.database.dataSource())) {
			assertThat(new JdbcTaskAdmin(this.database.dataSource(), TaskTable.inSearchPath(), wakeups).cancel(id))
				.isEqualTo(TaskAdmin.ActionResult.DONE);
		}
		assertThat(get(end)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.CANCELLED, null));
	}

	@Test
	void aTaskThatWasParkedBeforeEndsWithItsErrorAndOneThatIsNotThereIsGone() throws Exception {
		UUID parked = this.harness.insert("Start", "a");
		this.harness.jdbc().sql("UPDATE pg_task SET error = 'no luck' WHERE id = ?").param(parked).update();
		TaskEndWatch watch = listening();
		assertThat(get(watch.watch(parked))).isEqualTo(new TaskEnd(parked, TaskEnd.Outcome.ERRORED, "no luck"));
		UUID unknown = UUID.randomUUID();
		assertThat(get(watch.watch(unknown))).isEqualTo(new TaskEnd(unknown, TaskEnd.Outcome.GONE, null));
	}

	@Test
	void withoutListeningTheEndsAreSeenAtTheNextLook() throws Exception {
		TaskEndWatch watch = polling();
		UUID parked = this.harness.insert("Start", "a");
		UUID deleted = this.harness.insert("Start", "b");
		CompletableFuture<TaskEnd> parkedEnd = watch.watch(parked);
		CompletableFuture<TaskEnd> deletedEnd = watch.watch(deleted);
		awaitMarked(parked);
		awaitMarked(deleted);
		this.harness.jdbc().sql("UPDATE pg_task SET error = 'by psql' WHERE id = ?").param(parked).update();
		this.harness.jdbc().sql("DELETE FROM pg_task WHERE id = ?").param(deleted).update();
		assertThat(get(parkedEnd)).isEqualTo(new TaskEnd(parked, TaskEnd.Outcome.ERRORED, "by psql"));
		assertThat(get(deletedEnd)).isEqualTo(new TaskEnd(deleted, TaskEnd.Outcome.GONE, null));
		assertThat(watch.isListening()).isFalse();
	}

	@Test
	void aTaskThatPsqlDeletesIsGoneAfterATimeInWhichANotificationMightHaveCome() throws Exception {
		TaskEndWatch watch = watch(OFTEN, true, this.database.createPool(2));
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = watch.watch(id);
		awaitMarked(id);
		this.harness.jdbc().sql("DELETE FROM pg_task WHERE id = ?").param(id).update();
		assertThat(get(end)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.GONE, null));
	}

	@Test
	void aRowThatSomebodyHasLockedIsMarkedWhenItIsFree() throws Exception {
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end;
		try (Connection operator = this.database.openConnection()) {
			operator.setAutoCommit(false);
			operator.createStatement().execute("SELECT FROM pg_task WHERE id = '" + id + "' FOR UPDATE");
			end = listening().watch(id);
			// Nothing of this waits for the lock.
			assertThat(get(listening().watch(UUID.randomUUID())).outcome()).isEqualTo(TaskEnd.Outcome.GONE);
			assertThat(isMarked(id)).isFalse();
			operator.rollback();
		}
		awaitMarked(id);
		this.harness.run();
		assertThat(get(end).outcome()).isEqualTo(TaskEnd.Outcome.DONE);
	}

	@Test
	void anEndDuringAnOutageOfTheListenerIsNotMissed() throws Exception {
		HikariDataSource pool = this.database.createPool(2);
		TaskEndWatch watch = watch(NEVER, true, pool);
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = watch.watch(id);
		awaitMarked(id);
		this.harness.jdbc().sql("""
				WITH cut AS (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE datname = current_database() AND query LIKE 'LISTEN%')
				SELECT count(*) FROM cut""").query(Integer.class).single();
		this.harness.jdbc().sql("UPDATE pg_task SET error = 'unheard' WHERE id = ?").param(id).update();
		assertThat(get(end)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.ERRORED, "unheard"));
	}

	@Test
	void thousandsOfTasksShareAConnectionAndAFewQueries() throws Exception {
		int tasks = 5000;
		this.harness.insertMany(tasks);
		List<UUID> ids = this.harness.jdbc().sql("SELECT id FROM pg_task").query(UUID.class).list();
		HikariDataSource pool = this.database.createPool(2);
		UnreliableDataSource counting = new UnreliableDataSource(pool);
		TaskEndWatch watch = new TaskEndWatch(counting, TaskTable.inSearchPath(), NEVER, true);
		this.watches.add(watch);
		List<CompletableFuture<TaskEnd>> ends = ids.stream().map(watch::watch).toList();
		await().until(() -> this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE awaited")
			.query(Integer.class)
			.single() == tasks);
		// The look that has just marked the last ones may still have its connection.
		await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 1);
		this.harness.run();
		for (CompletableFuture<TaskEnd> end : ends) {
			assertThat(get(end).outcome()).isEqualTo(TaskEnd.Outcome.DONE);
		}
		assertThat(counting.statements("pg-task-await")).as("queries").isLessThan(tasks / 10);
	}

	@Test
	void severalCallersMayWaitForATaskAndEachMayGiveUpAlone() throws Exception {
		UUID id = this.harness.insert("Start", "a");
		TaskEndWatch watch = listening();
		CompletableFuture<TaskEnd> impatient = watch.watch(id);
		CompletableFuture<TaskEnd> patient = watch.watch(id);
		CompletableFuture<TaskEnd> elsewhere = listening().watch(id);
		awaitMarked(id);
		impatient.cancel(false);
		this.harness.run();
		assertThat(get(patient).outcome()).isEqualTo(TaskEnd.Outcome.DONE);
		assertThat(get(elsewhere).outcome()).isEqualTo(TaskEnd.Outcome.DONE);
		assertThat(impatient).isCancelled();
	}

	@Test
	void holdsNothingWhileNobodyWaits() throws Exception {
		HikariDataSource pool = this.database.createPool(2);
		TaskEndWatch watch = new TaskEndWatch(pool, TaskTable.inSearchPath(), NEVER, true, Duration.ofMillis(200));
		this.watches.add(watch);
		assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isZero();
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = watch.watch(id);
		awaitMarked(id);
		assertThat(watch.isListening()).isTrue();
		end.cancel(false);
		await().until(() -> !watch.isListening() && pool.getHikariPoolMXBean().getActiveConnections() == 0);
		assertThat(get(watch.watch(UUID.randomUUID())).outcome()).isEqualTo(TaskEnd.Outcome.GONE);
	}

	@Test
	void closingTellsWhoeverWaitsAndGivesBackItsConnection() throws Exception {
		HikariDataSource pool = this.database.createPool(2);
		TaskEndWatch watch = watch(NEVER, true, pool);
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = watch.watch(id);
		awaitMarked(id);
		watch.close();
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> get(end))
			.havingRootCause()
			.isInstanceOf(IllegalStateException.class)
			.withMessageContaining("shutting down");
		assertThatIllegalStateException().isThrownBy(() -> watch.watch(id)).withMessageContaining("shutting down");
		assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	@Test
	void anOutageOfTheDatabaseIsOutlived() throws Exception {
		UnreliableDataSource dataSource = new UnreliableDataSource(this.database.createPool(2));
		dataSource.failFor("pg-task-await", "08006");
		dataSource.failFor("pg-task-await-listener", "08006");
		TaskEndWatch watch = new TaskEndWatch(dataSource, TaskTable.inSearchPath(), OFTEN, true);
		this.watches.add(watch);
		UUID id = this.harness.insert("Start", "a");
		CompletableFuture<TaskEnd> end = watch.watch(id);
		await().during(Duration.ofMillis(500)).until(() -> !end.isDone());
		dataSource.recover("pg-task-await");
		dataSource.recover("pg-task-await-listener");
		awaitMarked(id);
		// Who does not listen yet finds the task gone, and cannot know why.
		await().until(watch::isListening);
		this.harness.run();
		assertThat(get(end).outcome()).isEqualTo(TaskEnd.Outcome.DONE);
	}

	private TaskEndWatch listening() {
		return watch(NEVER, true, this.database.createPool(2));
	}

	private TaskEndWatch polling() {
		return watch(OFTEN, false, this.database.createPool(1));
	}

	private TaskEndWatch watch(Duration pollInterval, boolean listen, HikariDataSource pool) {
		TaskEndWatch watch = new TaskEndWatch(pool, TaskTable.inSearchPath(), pollInterval, listen);
		this.watches.add(watch);
		return watch;
	}

	private void awaitMarked(UUID id) {
		await().until(() -> isMarked(id));
	}

	private boolean isMarked(UUID id) {
		return this.harness.jdbc()
			.sql("SELECT awaited IS TRUE FROM pg_task WHERE id = ?")
			.param(id)
			.query(Boolean.class)
			.single();
	}

	private static TaskEnd get(CompletableFuture<TaskEnd> end) throws Exception {
		return end.get(20, TimeUnit.SECONDS);
	}

}
