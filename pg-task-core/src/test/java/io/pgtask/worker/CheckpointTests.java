package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import io.pgtask.CheckpointOption;
import io.pgtask.LeaseLostException;
import io.pgtask.NextStep;
import io.pgtask.StepContext;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.UnreliableDataSource.KEEPER;
import static io.pgtask.worker.UnreliableDataSource.WRITER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link StepContext#checkpoint}: a step starts from where it was.
 */
@TaskTableTest
class CheckpointTests {

	private static final WorkerSettings SHORT_LEASE = WorkerHarness.QUICK.withLease(Duration.ofSeconds(2),
			Duration.ofMillis(500));

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final List<String> seen = new CopyOnWriteArrayList<>();

	CheckpointTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).retry(1, Duration.ZERO);
		this.dataSource = new UnreliableDataSource(database.createPool(10));
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.dataSource.recover(KEEPER);
		this.harness.stopAll();
	}

	@Test
	void aStepThatFailsStartsFromItsCheckpoint() {
		this.harness.start((state, context) -> {
			this.seen.add(state.name() + " in attempt " + context.attempt());
			if (context.attempt() == 1) {
				context.checkpoint(new Journey.Start("half"));
				throw new IllegalStateException("once");
			}
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "begin"));
		assertThat(this.seen).containsExactly("begin in attempt 1", "half in attempt 2");
	}

	@Test
	void aCheckpointIsDurableWhenTheCallReturns() {
		this.harness.start((state, context) -> {
			context.checkpoint(new Journey.Start("half"));
			this.seen.add(this.harness.row(context.taskId()).step());
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "begin"));
		assertThat(this.seen).containsExactly("{\"Journey\":{\"Start\":{\"name\":\"half\"}}}");
	}

	@Test
	void aStepWhoseWorkerIsGoneStartsFromItsCheckpointElsewhere() {
		this.harness.start((state, context) -> {
			this.seen.add(state.name() + " in delivery " + context.delivery());
			if (context.delivery() == 1) {
				context.checkpoint(new Journey.Start("half"));
				loseLease(context);
				assertThatExceptionOfType(LeaseLostException.class)
					.isThrownBy(() -> context.checkpoint(new Journey.Start("too late")))
					.withMessageContaining(context.taskId().toString());
				this.seen.add("lost");
				throw new IllegalStateException("whatever a zombie throws");
			}
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "begin"));
		assertThat(this.seen).containsExactly("begin in delivery 1", "lost", "half in delivery 2");
	}

	@Test
	void aStepThatGetsAheadMayHaveItsAttemptsCountedAnew() {
		this.harness.start((state, context) -> {
			this.seen.add(state.name() + " in attempt " + context.attempt());
			int come = Integer.parseInt(state.name());
			if (come == 4) {
				return NextStep.done();
			}
			context.checkpoint(new Journey.Start(String.valueOf(come + 1)), CheckpointOption.RESET_ATTEMPTS);
			throw new IllegalStateException("once for every checkpoint");
		});
		run();
		awaitEnd(this.harness.insert("Start", "0"));
		assertThat(this.seen).containsExactly("0 in attempt 1", "1 in attempt 2", "2 in attempt 2", "3 in attempt 2",
				"4 in attempt 2");
	}

	@Test
	void withoutThatAttemptsGoOnBeingCounted() {
		this.harness.start((state, context) -> {
			context.checkpoint(new Journey.Start(state.name() + "+"));
			throw new IllegalStateException("always");
		});
		run();
		UUID id = this.harness.insert("Start", "0");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id)).satisfies((row) -> {
			assertThat(row.tried()).isEqualTo(2);
			assertThat(row.step()).contains("0++");
		});
	}

	@Test
	void aCheckpointExtendsTheLease() {
		this.harness.start((state, context) -> {
			this.seen.add("delivery " + context.delivery());
			this.dataSource.failFor(KEEPER, "08006");
			long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
			while (System.nanoTime() < end) {
				Thread.sleep(200);
				context.checkpoint(state);
			}
			return NextStep.done();
		});
		this.harness.run(SHORT_LEASE, this.dataSource);
		awaitEnd(this.harness.insert("Start", "a"));
		assertThat(this.seen).containsExactly("delivery 1");
	}

	@Test
	void onlyAStateOfTheSameStepIsACheckpoint() {
		this.harness.start((state, context) -> {
			assertThatIllegalArgumentException().isThrownBy(() -> context.checkpoint(new Journey.Middle("a")))
				.withMessageContaining("Journey$Middle")
				.withMessageContaining("return NextStep.now");
			this.seen.add("refused");
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "a"));
		assertThat(this.seen).containsExactly("refused");
	}

	@Test
	void aTransactionalStepHasNoCheckpoints() {
		this.harness.transactional(TransactionSettings.DEFAULT, "start").start((state, context) -> {
			assertThatIllegalStateException().isThrownBy(() -> context.checkpoint(state))
				.withMessageContaining("is transactional and cannot save a checkpoint");
			this.seen.add("refused");
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "a"));
		assertThat(this.seen).containsExactly("refused");
	}

	@Test
	void checkpointsOfManyStepsAreSavedInBatches() {
		int steps = 40;
		CompletableFuture<Integer> statements = new CompletableFuture<>();
		CyclicBarrier before = new CyclicBarrier(steps);
		CyclicBarrier after = new CyclicBarrier(steps, () -> statements.complete(this.dataSource.statements(WRITER)));
		this.harness.start((state, context) -> {
			before.await(20, TimeUnit.SECONDS);
			context.checkpoint(new Journey.Start("half"));
			this.seen.add(this.harness.row(context.taskId()).step());
			after.await(20, TimeUnit.SECONDS);
			return NextStep.delay(new Journey.Middle("a"), Duration.ofDays(1));
		});
		this.harness.insertMany(steps);
		this.harness.run(WorkerHarness.QUICK.withConcurrency(steps), this.dataSource);
		assertThat(statements).succeedsWithin(Duration.ofSeconds(20))
			.asInstanceOf(InstanceOfAssertFactories.INTEGER)
			.as("two statements for every batch")
			.isLessThan(steps);
		assertThat(this.seen).hasSize(steps).allMatch((step) -> step.contains("half"));
	}

	private Worker run() {
		return this.harness.run(WorkerHarness.QUICK, this.dataSource);
	}

	private void awaitEnd(UUID id) {
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.isGone(id));
	}

	private void loseLease(StepContext context) {
		this.harness.jdbc()
			.sql("UPDATE pg_task SET lock_expires_at = statement_timestamp() WHERE id = ?")
			.param(context.taskId())
			.update();
	}

}
