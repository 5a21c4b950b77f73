package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.pgtask.NextStep;
import io.pgtask.TaskSelection;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for how soon a running task is cancelled, by somebody who has nothing in common
 * with the worker but the database. In every round one step looks at its context, and
 * another one is interrupted; the later of both counts.
 */
@TaskTableTest
class CancellationTimeTests {

	private static final int ROUNDS = 5;

	private static final Duration PROMISED = Duration.ofSeconds(1);

	private final Map<UUID, Long> seen = new ConcurrentHashMap<>();

	private final Map<UUID, String> running = new ConcurrentHashMap<>();

	private final WorkerHarness harness;

	private final Wakeups wakeups;

	private final JdbcTaskAdmin admin;

	CancellationTimeTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).start((state, context) -> {
			this.running.put(context.taskId(), state.name());
			while (!context.isCancelled()) {
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
			}
			this.seen.put(context.taskId(), System.nanoTime());
			return NextStep.now(new Journey.End("not reached"));
		}).middle((state, context) -> {
			this.running.put(context.taskId(), state.name());
			try {
				TimeUnit.MINUTES.sleep(2);
			}
			catch (InterruptedException ex) {
				this.seen.put(context.taskId(), System.nanoTime());
				throw ex;
			}
			return NextStep.done();
		});
		this.wakeups = new Wakeups(database.dataSource());
		this.admin = new JdbcTaskAdmin(database.dataSource(), TaskTable.inSearchPath(), this.wakeups);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
		this.wakeups.close();
	}

	@Test
	void aRunningTaskIsCancelledByItsIdWithinASecond() {
		assertThat(median((tasks) -> tasks.forEach((task) -> this.admin.cancel(task.id())))).isLessThan(PROMISED);
	}

	@Test
	void aRunningTaskIsCancelledByItsUniqueKeyWithinASecond() {
		assertThat(median((tasks) -> tasks
			.forEach((task) -> this.admin.cancel(TaskSelection.all().ofType("Journey").withUniqueKey(task.key())))))
			.isLessThan(PROMISED);
	}

	@Test
	void runningTasksAreCancelledByTheirTagWithinASecond() {
		assertThat(median((tasks) -> this.admin.cancel(TaskSelection.all().tagged("red")))).isLessThan(PROMISED);
	}

	@Test
	void runningTasksAreCancelledByTheirTypeWithinASecond() {
		assertThat(median((tasks) -> this.admin.cancel(TaskSelection.all().ofType("Journey")))).isLessThan(PROMISED);
	}

	/** Nobody is notified then, and the worker looks twice a second. */
	@Test
	void runningTasksAreCancelledBySqlWithoutANotificationSoonAfter() {
		assertThat(median((tasks) -> this.harness.jdbc().sql("""
				UPDATE pg_task SET cancel_requested_at = now()
				WHERE tags @> '{red}' AND cancel_requested_at IS NULL AND locked_by IS NOT NULL
					AND lock_expires_at > statement_timestamp()""").update())).isLessThan(PROMISED.multipliedBy(2));
	}

	/** Returns the median of how long it took until both steps of a round knew. */
	private Duration median(Consumer<List<Target>> cancel) {
		this.harness.run(WorkerHarness.QUICK);
		List<Duration> rounds = new ArrayList<>();
		for (int round = 0; round < ROUNDS; round++) {
			List<Target> tasks = List.of(insert("Start", "looks " + round), insert("Middle", "sleeps " + round));
			await().until(() -> tasks.stream().allMatch((task) -> this.running.containsKey(task.id())));
			long begin = System.nanoTime();
			cancel.accept(tasks);
			await().until(() -> tasks.stream().allMatch((task) -> this.seen.containsKey(task.id())));
			rounds.add(Duration.ofNanos(
					tasks.stream().mapToLong((task) -> this.seen.getOrDefault(task.id(), begin)).max().orElseThrow()
							- begin));
			await().until(() -> this.harness.count() == 0);
		}
		Collections.sort(rounds);
		return rounds.get(ROUNDS / 2);
	}

	private Target insert(String step, String name) {
		UUID id = this.harness.jdbc()
			.sql("INSERT INTO pg_task (step, tags, unique_key) VALUES (?, '{red,all}', ?) RETURNING id")
			.params("{\"Journey\":{\"" + step + "\":{\"name\":\"" + name + "\"}}}", name)
			.query(UUID.class)
			.single();
		return new Target(id, name);
	}

	private record Target(UUID id, String key) {
	}

}
