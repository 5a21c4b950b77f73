package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.pgtask.AwaitTimeoutException;
import io.pgtask.NextStep;
import io.pgtask.TaskEnd;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link JdbcTaskClient}: waiting for the end of a task.
 */
@TaskTableTest
@Timeout(60)
class TaskWaitTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Journey.Start STATE = new Journey.Start("a");

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final TaskEndWatch watch;

	private final Wakeups wakeups;

	private final JdbcTaskClient client;

	private final TransactionTemplate transaction;

	TaskWaitTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		// The next look is an hour away: what is told was notified.
		this.watch = new TaskEndWatch(database.dataSource(), TaskTable.inSearchPath(), Duration.ofHours(1), true);
		this.wakeups = new Wakeups(database.dataSource());
		this.client = new JdbcTaskClient(database.dataSource(), TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()), List.of(), this.wakeups, this.watch);
		this.transaction = new TransactionTemplate(new JdbcTransactionManager(database.dataSource()));
	}

	@AfterEach
	void close() throws Exception {
		this.watch.close();
		this.harness.stopAll();
		this.wakeups.close();
	}

	@Test
	void aTaskThatIsEnqueuedAndAwaitedIsKnownToBeDoneHoweverQuickItIs() throws Exception {
		this.harness.run();
		for (int i = 0; i < 200; i++) {
			assertThat(this.client.enqueueAndAwait(STATE, LONG).isDone()).isTrue();
		}
	}

	@Test
	void anErrorIsTheEndForWhoeverWaits() throws Exception {
		this.harness.retry(0, Duration.ZERO).start((state, context) -> {
			throw new IllegalStateException("no luck");
		});
		this.harness.run();
		TaskEnd end = this.client.enqueueAndAwait(STATE, LONG);
		assertThat(end.outcome()).isEqualTo(TaskEnd.Outcome.ERRORED);
		assertThat(end.error()).isEqualTo("java.lang.IllegalStateException: no luck");
		assertThat(this.client.await(end.taskId(), LONG)).isEqualTo(end);
	}

	@Test
	void whoeverWaitsIsToldThatATaskWasCancelled() throws Exception {
		this.harness.start((state, context) -> NextStep.cancel("no need"));
		this.harness.run();
		assertThat(this.client.enqueueAndAwait(STATE, LONG)).satisfies((end) -> {
			assertThat(end.outcome()).isEqualTo(TaskEnd.Outcome.CANCELLED);
			assertThat(end.isDone()).isFalse();
			assertThat(end.error()).isNull();
		});
	}

	@Test
	void aSlowTaskIsAwaitedByItsId() throws Exception {
		CountDownLatch finish = new CountDownLatch(1);
		this.harness.start((state, context) -> {
			finish.await();
			return NextStep.done();
		});
		this.harness.run();
		UUID id = this.client.enqueue(STATE);
		CompletableFuture<TaskEnd> end = this.client.whenEnded(id);
		awaitMarked(id);
		assertThat(end).isNotDone();
		finish.countDown();
		assertThat(end.get(20, TimeUnit.SECONDS)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.DONE, null));
		assertThat(this.client.await(id, LONG)).isEqualTo(new TaskEnd(id, TaskEnd.Outcome.GONE, null));
	}

	@Test
	void afterTheTimeoutTheTaskGoesOn() throws Exception {
		Duration timeout = Duration.ofMillis(100);
		assertThatExceptionOfType(AwaitTimeoutException.class)
			.isThrownBy(() -> this.client.enqueueAndAwait(STATE, timeout))
			.withMessageContaining("has not ended within PT0.1S")
			.satisfies((ex) -> assertThat(ex.getTaskId()).isEqualTo(onlyId()));
		UUID id = onlyId();
		assertThatExceptionOfType(AwaitTimeoutException.class).isThrownBy(() -> this.client.await(id, timeout));
		CompletableFuture<TaskEnd> end = this.client.whenEnded(id);
		this.harness.run();
		assertThat(end.get(20, TimeUnit.SECONDS).isDone()).isTrue();
	}

	@Test
	void anInterruptedCallerWaitsNoLongerAndTheTaskGoesOn() throws Exception {
		UUID id = this.client.enqueue(STATE);
		AtomicReference<Throwable> thrown = new AtomicReference<>();
		Thread caller = new Thread(() -> {
			try {
				this.client.await(id, LONG);
			}
			catch (InterruptedException | RuntimeException ex) {
				thrown.set(ex);
			}
		});
		caller.start();
		awaitMarked(id);
		caller.interrupt();
		caller.join();
		assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
		this.harness.run();
		await().until(() -> this.harness.isGone(id));
	}

	@Test
	void waitingWithinATransactionIsRefusedBeforeAnythingIsEnqueued() {
		this.transaction.executeWithoutResult((status) -> {
			UUID id = this.client.enqueue(STATE);
			assertThatIllegalStateException().isThrownBy(() -> this.client.await(id, LONG))
				.withMessageContaining("within a transaction");
			assertThatIllegalStateException().isThrownBy(() -> this.client.enqueueAndAwait(STATE, LONG))
				.withMessageContaining("within a transaction");
		});
		assertThat(this.harness.count()).isEqualTo(1);
	}

	@Test
	void aFutureMadeInATransactionBeginsToWaitWhenThatHasCommitted() throws Exception {
		CompletableFuture<TaskEnd> end = this.transaction.execute((status) -> {
			CompletableFuture<TaskEnd> made = this.client.whenEnded(this.client.enqueue(STATE));
			assertThat(this.watch.isListening()).isFalse();
			return made;
		});
		await().until(this.watch::isListening);
		assertThat(end).isNotDone();
		this.harness.jdbc().sql("UPDATE pg_task SET error = 'by psql'").update();
		this.harness.jdbc().sql("NOTIFY pg_task_ended, 'errored " + onlyId() + "'").update();
		assertThat(end.get(20, TimeUnit.SECONDS).error()).isEqualTo("by psql");
	}

	@Test
	void aFutureMadeInATransactionThatRollsBackEndsAsGone() throws Exception {
		CompletableFuture<TaskEnd> end = this.transaction.execute((status) -> {
			status.setRollbackOnly();
			return this.client.whenEnded(this.client.enqueue(STATE));
		});
		assertThat(end.get(20, TimeUnit.SECONDS).outcome()).isEqualTo(TaskEnd.Outcome.GONE);
	}

	@Test
	void aCallerThatBlocksWhenItIsToldKeepsNobodyElseFromBeingTold() throws Exception {
		CountDownLatch blocked = new CountDownLatch(1);
		UUID first = this.client.enqueue(STATE);
		CompletableFuture<Void> blocking = this.client.whenEnded(first).thenAccept((end) -> {
			try {
				blocked.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		awaitMarked(first);
		this.harness.run();
		await().until(() -> this.harness.isGone(first));
		assertThat(this.client.enqueueAndAwait(STATE, LONG).isDone()).isTrue();
		assertThat(blocking).isNotDone();
		blocked.countDown();
		blocking.get(20, TimeUnit.SECONDS);
	}

	@Test
	void aStateThatIsNoTaskOrATimeoutThatIsNoneIsRefused() {
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> this.client.enqueueAndAwait("no task", LONG));
		assertThatIllegalArgumentException().isThrownBy(() -> this.client.enqueueAndAwait(STATE, Duration.ofMillis(-1)))
			.withMessageContaining("must not be negative");
		assertThat(this.harness.count()).isZero();
	}

	@Test
	void aClientWithoutAWatchSaysThatItCannotWait() {
		JdbcTaskClient deaf = new JdbcTaskClient(this.database.dataSource(), TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()), List.of(), this.wakeups);
		assertThatIllegalStateException().isThrownBy(() -> deaf.await(UUID.randomUUID(), LONG))
			.withMessageContaining("TaskEndWatch");
	}

	private UUID onlyId() {
		return this.harness.jdbc().sql("SELECT id FROM pg_task").query(UUID.class).single();
	}

	private void awaitMarked(UUID id) {
		await().until(() -> this.harness.jdbc()
			.sql("SELECT awaited IS TRUE FROM pg_task WHERE id = ?")
			.param(id)
			.query(Boolean.class)
			.single());
	}

}
