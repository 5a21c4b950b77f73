package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.TaskTable;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.ResolvableType;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: nobody waits for ever because of the others.
 */
@TaskTableTest
class FairnessTests {

	private final TestDatabase database;

	private final JdbcClient jdbc;

	private final AtomicInteger bulk = new AtomicInteger();

	private final Map<String, Long> started = new ConcurrentHashMap<>();

	private final Map<String, Integer> bulkBeforeFresh = new ConcurrentHashMap<>();

	private final AtomicBoolean endless = new AtomicBoolean(true);

	private Duration bulkTakes = Duration.ZERO;

	private @Nullable Worker worker;

	FairnessTests(TestDatabase database) {
		this.database = database;
		this.jdbc = JdbcClient.create(database.dataSource());
	}

	@AfterEach
	void stopWorker() throws Exception {
		this.endless.set(false);
		if (this.worker != null) {
			this.worker.stop().get(20, TimeUnit.SECONDS);
		}
	}

	@Test
	void aFreshTaskStartsPromptlyBesideAHugeBacklogOfAnotherType() throws Exception {
		this.bulkTakes = Duration.ofMillis(10);
		insert("Bulk", 4, 200_000);
		run(4);
		await().until(() -> this.bulk.get() > 200);
		List<Long> waited = new ArrayList<>();
		List<Integer> overtaken = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			String name = "fresh " + i;
			int bulkBefore = this.bulk.get();
			long inserted = System.nanoTime();
			this.jdbc.sql("INSERT INTO pg_task (step) VALUES (?)")
				.param("{\"Fresh\":{\"Fresh\":{\"name\":\"" + name + "\"}}}")
				.update();
			await().pollInterval(Duration.ofMillis(2)).until(() -> this.started.containsKey(name));
			waited.add(TimeUnit.NANOSECONDS.toMillis(this.started.getOrDefault(name, 0L) - inserted));
			overtaken.add(this.bulkBeforeFresh.getOrDefault(name, 0) - bulkBefore);
		}
		Collections.sort(waited);
		Collections.sort(overtaken);
		assertThat(waited.get(25)).as("median of %s ms", waited).isLessThan(500);
		assertThat(overtaken.get(25)).as("median of %s tasks of the backlog", overtaken).isLessThan(100);
		assertThat(this.bulk.get()).as("the backlog is still there").isLessThan(50_000);
	}

	@Test
	void noPriorityStarvesBehindAMoreUrgentBacklog() {
		this.bulkTakes = Duration.ofMillis(1);
		insert("Bulk", 9, 20_000);
		insert("Fresh", 4, 20);
		insert("Fresh", 0, 20);
		run(2);
		await().until(() -> this.started.size() == 40);
		assertThat(this.bulk.get()).as("urgent tasks that ran meanwhile, more than others").isBetween(41, 19_999);
	}

	@Test
	void aTaskThatNeverPausesLeavesTheOnlySlotToOthers() {
		insert("Endless", 9, 1);
		run(1);
		await().until(() -> this.started.containsKey("endless"));
		insert("Fresh", 4, 50);
		await().until(() -> this.started.size() == 51);
	}

	@Test
	void aSlowTypeLeavesSlotsToOthers() {
		this.bulkTakes = Duration.ofMillis(300);
		insert("Bulk", 4, 1000);
		run(2);
		await().until(() -> this.bulk.get() >= 2);
		insert("Fresh", 4, 5);
		await().until(() -> this.started.size() == 5);
		assertThat(this.bulk.get()).isLessThan(50);
	}

	@Test
	void tasksThatAlwaysFailLeaveTheSlotsToTheOthersOfTheirType() {
		insert("Poison", 9, 200);
		run(2);
		await().until(() -> this.bulk.get() > 400);
		for (int priority : new int[] { 9, 4, 0 }) {
			this.jdbc.sql("""
					INSERT INTO pg_task (step, priority)
					SELECT format('{"Poison":{"Poison":{"name":"good %s %s"}}}', ?, n), ? FROM generate_series(1, 20) n
					""").params(priority, priority).update();
		}
		await().until(() -> this.started.size() == 60);
		assertThat(this.jdbc.sql("SELECT count(*) FROM pg_task WHERE error IS NULL").query(Integer.class).single())
			.as("tasks that fail again and again")
			.isEqualTo(200);
	}

	@Test
	void tasksOfTypesNobodyKnowsAreNotTouched() {
		insert("Stranger", 9, 20_000);
		run(2);
		insert("Fresh", 0, 20);
		await().until(() -> this.started.size() == 20);
		assertThat(this.jdbc.sql("""
				SELECT count(*) FROM pg_task WHERE task = 'Stranger' AND delivery = 0 AND locked_by IS NULL
					AND error IS NULL AND updated_at = created_at AND xmax = 0
				""").query(Integer.class).single()).isEqualTo(20_000);
	}

	private void run(int concurrency) {
		TaskRegistry registry = TaskRegistry.builder().step((Step<Bulk, Bulk>) (state, context) -> {
			this.bulk.incrementAndGet();
			TimeUnit.NANOSECONDS.sleep(this.bulkTakes.toNanos());
			return NextStep.done();
		}, type(Bulk.class), RetrySettings.DEFAULT, "bulk").step((Step<Fresh, Fresh>) (state, context) -> {
			this.bulkBeforeFresh.putIfAbsent(state.name(), this.bulk.get());
			this.started.putIfAbsent(state.name(), System.nanoTime());
			return NextStep.done();
		}, type(Fresh.class), RetrySettings.DEFAULT, "fresh").step((Step<Endless, Endless>) (state, context) -> {
			this.started.putIfAbsent("endless", System.nanoTime());
			return this.endless.get() ? NextStep.now(state) : NextStep.done();
		}, type(Endless.class), RetrySettings.DEFAULT, "endless").step((Step<Poison, Poison>) (state, context) -> {
			if (state.name().startsWith("good")) {
				this.started.putIfAbsent(state.name(), System.nanoTime());
				return NextStep.done();
			}
			this.bulk.incrementAndGet();
			throw new IllegalStateException("no luck");
		}, type(Poison.class), new RetrySettings(Integer.MAX_VALUE, Duration.ZERO, 1.0, null, 0.0), "poison").build();
		this.worker = Worker
			.builder(this.database.createPool(6), TaskTable.inSearchPath(), registry,
					new StepCodec(JsonMapper.builder().build(), registry))
			.settings(WorkerHarness.QUICK.withConcurrency(concurrency))
			.build();
		this.worker.start();
	}

	private static ResolvableType type(Class<?> state) {
		return ResolvableType.forClassWithGenerics(Step.class, state, state);
	}

	private void insert(String type, int priority, int count) {
		this.jdbc.sql("""
				INSERT INTO pg_task (step, priority)
				SELECT format('{"%1$s":{"%1$s":{"name":"%2$s of priority %3$s"}}}', ?, n, ?), ?
				FROM generate_series(1, ?) n
				""").params(type, priority, priority, count).update();
	}

	record Bulk(String name) {
	}

	record Fresh(String name) {
	}

	record Endless(String name) {
	}

	record Poison(String name) {
	}

}
