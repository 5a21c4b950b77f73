package io.pgtask.worker;

import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Suspects}: tasks that have lost half of their deliveries.
 */
@TaskTableTest
class SuspectsTests {

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withMaxDeliveries(4);

	private final WorkerHarness harness;

	private final Set<UUID> running = ConcurrentHashMap.newKeySet();

	private final Queue<Integer> together = new ConcurrentLinkedQueue<>();

	private final CountDownLatch end = new CountDownLatch(1);

	SuspectsTests(TestDatabase database) {
		this.harness = new WorkerHarness(database);
		this.harness.start((state, context) -> {
			this.running.add(context.taskId());
			if (state.name().equals("suspect")) {
				this.together.add(suspectsRunning());
			}
			this.end.await(30, TimeUnit.SECONDS);
			this.running.remove(context.taskId());
			return NextStep.done();
		});
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.end.countDown();
		this.harness.stopAll();
	}

	@Test
	void onlyOneOfThemIsHeldAtATimeAndTheOthersLoseNothing() {
		for (int i = 0; i < 3; i++) {
			insert("suspect", 2);
		}
		UUID fresh = insert("fresh", 0);
		this.harness.run(SETTINGS);
		await().until(() -> this.running.contains(fresh) && suspectsRunning() == 1);
		await().until(() -> held("suspect", 0) == 2 && held("suspect", 1) == 1);
		assertThat(this.harness.jdbc()
			.sql("SELECT delivery FROM pg_task WHERE step LIKE '%suspect%' ORDER BY 1")
			.query(Integer.class)
			.list()).containsExactly(2, 2, 3);
		this.end.countDown();
		await().until(() -> this.harness.count() == 0);
		assertThat(this.together).hasSize(3).allMatch((suspects) -> suspects == 1);
	}

	@Test
	void manyOfThemRunOneRightAfterTheOther() {
		this.end.countDown();
		for (int i = 0; i < 60; i++) {
			insert("suspect", 2);
		}
		this.harness.run(SETTINGS);
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.count() == 0);
		assertThat(this.together).hasSize(60).allMatch((suspects) -> suspects == 1);
	}

	@Test
	void whatHasLostLessRunsWithTheOthers() {
		for (int i = 0; i < 3; i++) {
			insert("unlucky", 1);
		}
		this.harness.run(SETTINGS);
		await().until(() -> this.running.size() == 3);
	}

	@Test
	void aStepThatDoesNotReturnWhenItsWorkerStopsHasHadADelivery() throws Exception {
		StubbornStep stubborn = new StubbornStep();
		this.harness.start((state, context) -> {
			this.running.add(context.taskId());
			stubborn.run();
			return NextStep.done();
		});
		Worker worker = this.harness.run(SETTINGS.withShutdownTimeout(Duration.ofMillis(100)));
		UUID id = insert("stubborn", 0);
		await().until(() -> this.running.contains(id));
		worker.stop().get(20, TimeUnit.SECONDS);
		stubborn.end();
		assertThat(this.harness.row(id).lockedBy()).isNull();
		assertThat(this.harness.row(id).delivery()).isEqualTo(1);
	}

	private int suspectsRunning() {
		return this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE step LIKE '%suspect%' AND id = ANY (?)")
			.param(this.running.toArray(UUID[]::new))
			.query(Integer.class)
			.single();
	}

	/** How many of them are held, and how many are not. */
	private int held(String name, int claims) {
		return this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE step LIKE '%' || ? || '%' AND num_nonnulls(locked_by) = ?")
			.params(name, claims)
			.query(Integer.class)
			.single();
	}

	private UUID insert(String name, int lost) {
		UUID id = this.harness.insertQuietly("Start", name);
		this.harness.jdbc().sql("UPDATE pg_task SET delivery = ? WHERE id = ?").params(lost, id).update();
		return id;
	}

}
