package io.pgtask.worker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Slots} and the {@link TransitionWriter}: what cannot be saved, or must
 * not be.
 */
@TaskTableTest
class UnsavedOutcomesTests {

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK
		.withLease(Duration.ofSeconds(60), Duration.ofSeconds(20))
		.withConcurrency(2);

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final AtomicInteger started = new AtomicInteger();

	private final CountDownLatch running = new CountDownLatch(2);

	private final CountDownLatch finish = new CountDownLatch(1);

	UnsavedOutcomesTests(TestDatabase database) {
		this.harness = new WorkerHarness(database);
		this.dataSource = new UnreliableDataSource(database.createPool(10));
		this.harness.start((state, context) -> {
			this.started.incrementAndGet();
			this.running.countDown();
			if (state.name().equals("held")) {
				this.finish.await(30, TimeUnit.SECONDS);
			}
			return NextStep.done();
		});
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.finish.countDown();
		this.harness.stopAll();
	}

	@Test
	void nothingIsStartedWhileOutcomesCannotBeSaved() throws Exception {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		this.harness.insert("Start", "held");
		this.harness.insert("Start", "held");
		assertThat(this.running.await(20, TimeUnit.SECONDS)).isTrue();
		this.dataSource.failFor(UnreliableDataSource.WRITER, "08006");
		this.dataSource.refuseStatementsOf(UnreliableDataSource.WRITER, "08006");
		this.finish.countDown();
		await().until(() -> worker.status().trouble() != null);
		this.harness.insertMany(20);
		await().during(Duration.ofSeconds(1)).until(() -> this.started.get() == 2);
		this.dataSource.recover(UnreliableDataSource.WRITER);
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.count() == 0);
		assertThat(this.started).as("runs of 22 steps").hasValue(22);
	}

	@Test
	void theErrorOfAnOperatorIsNotOverwrittenByTheStepThatRan() {
		this.harness.run(SETTINGS, this.dataSource);
		var id = this.harness.insert("Start", "held");
		await().until(() -> this.started.get() == 1);
		this.harness.jdbc().sql("UPDATE pg_task SET error = 'stopped by hand' WHERE id = ?").param(id).update();
		this.finish.countDown();
		this.harness.insert("Start", "next");
		await().until(() -> this.harness.count() == 1);
		await().during(Duration.ofMillis(500)).until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).isEqualTo("stopped by hand");
	}

}
