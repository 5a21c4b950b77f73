package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for task types that are paused.
 */
@TaskTableTest
class PausedTypeTests {

	private final WorkerHarness harness;

	private final List<String> seen = new CopyOnWriteArrayList<>();

	private final CountDownLatch goOn = new CountDownLatch(1);

	PausedTypeTests(TestDatabase database) {
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.goOn.countDown();
		this.harness.stopAll();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void noStepOfAPausedTypeIsStartedUntilItIsResumed(boolean listen) {
		pause();
		Worker worker = this.harness.run(WorkerHarness.QUICK.withListen(listen));
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> worker.status().pausedTypes().contains("Journey"));
		assertThat(this.harness.row(id).delivery()).isZero();
		resume();
		await().until(() -> this.harness.isGone(id));
		await().until(() -> worker.status().pausedTypes().isEmpty());
	}

	@Test
	void aPauseHoldsForEveryWorker() {
		this.harness.start((state, context) -> {
			this.seen.add(state.name());
			return NextStep.done();
		});
		List<Worker> workers = List.of(this.harness.run(), this.harness.run(WorkerHarness.QUICK.withListen(false)));
		pause();
		await().until(() -> workers.stream().allMatch((worker) -> !worker.status().pausedTypes().isEmpty()));
		this.harness.insertMany(20);
		// Whoever parks this has looked for work since, and has passed by the others.
		UUID garbage = this.harness.insertText("garbage");
		await().until(() -> this.harness.isParked(garbage));
		assertThat(this.seen).isEmpty();
		this.harness.jdbc().sql("DELETE FROM pg_task WHERE id = ?").param(garbage).update();
		resume();
		await().until(() -> this.harness.count() == 0);
		assertThat(this.seen).hasSize(20);
	}

	@Test
	void aWorkerLearnsOfAPauseAtOnce() {
		this.harness.start((state, context) -> {
			this.seen.add(state.name());
			return NextStep.done();
		});
		Worker worker = this.harness.run(WorkerHarness.QUICK.withPollInterval(Duration.ofMinutes(10)));
		UUID first = this.harness.insert("Start", "first");
		await().until(() -> this.harness.isGone(first));
		pause();
		await().until(() -> worker.status().pausedTypes().contains("Journey"));
		UUID second = this.harness.insert("Start", "second");
		UUID third = this.harness.insertQuietly("Start", "third");
		resume();
		await().until(() -> this.harness.isGone(second) && this.harness.isGone(third));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whatRunsGoesOnToItsEndAndWhatWaitsGoesBack(boolean listen) {
		this.harness.start((state, context) -> {
			this.seen.add(state.name());
			this.goOn.await(1, TimeUnit.MINUTES);
			return NextStep.done();
		});
		this.harness.insertMany(3);
		Worker worker = this.harness.run(WorkerHarness.QUICK.withConcurrency(1).withListen(listen));
		await().until(() -> !this.seen.isEmpty());
		pause();
		await().until(() -> worker.status().pausedTypes().contains("Journey"));
		await().until(() -> held() == 1);
		this.goOn.countDown();
		await().until(() -> this.harness.count() == 2);
		assertThat(this.seen).hasSize(1);
		assertThat(this.harness.jdbc().sql("SELECT DISTINCT delivery FROM pg_task").query(Integer.class).list())
			.as("nothing has happened to the others")
			.containsExactly(0);
		resume();
		await().until(() -> this.harness.count() == 0);
		assertThat(this.seen).hasSize(3);
	}

	@Test
	void aTaskOfAPausedTypeStopsBetweenTwoSteps() {
		this.harness.start((state, context) -> {
			this.seen.add("start");
			this.goOn.await(1, TimeUnit.MINUTES);
			return NextStep.now(new Journey.Middle(state.name()));
		}).middle((state, context) -> {
			this.seen.add("middle");
			return NextStep.done();
		});
		Worker worker = this.harness.run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.seen.contains("start"));
		pause();
		await().until(() -> worker.status().pausedTypes().contains("Journey"));
		this.goOn.countDown();
		await().until(() -> this.harness.row(id).lockedBy() == null);
		assertThat(this.harness.row(id).step()).contains("Middle");
		assertThat(this.seen).containsExactly("start");
		resume();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.seen).containsExactly("start", "middle");
	}

	@Test
	void theOtherTypesGoOn() {
		this.harness.jdbc().sql("INSERT INTO pg_task_paused (task) VALUES ('Greeter')").update();
		this.harness.run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
	}

	private int held() {
		return this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE locked_by IS NOT NULL")
			.query(Integer.class)
			.single();
	}

	/** As somebody does who has nothing but psql. */
	private void pause() {
		this.harness.jdbc().sql("INSERT INTO pg_task_paused (task) VALUES ('Journey')").update();
	}

	private void resume() {
		this.harness.jdbc().sql("DELETE FROM pg_task_paused WHERE task = 'Journey'").update();
	}

}
