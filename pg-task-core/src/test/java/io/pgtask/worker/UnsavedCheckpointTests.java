package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.pgtask.LeaseLostException;
import io.pgtask.NextStep;
import io.pgtask.StepContext;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;

import static io.pgtask.worker.UnreliableDataSource.KEEPER;
import static io.pgtask.worker.UnreliableDataSource.WRITER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for checkpoints of a running {@link Worker} that the database does not take.
 */
@TaskTableTest
class UnsavedCheckpointTests {

	private static final WorkerSettings SHORT_LEASE = WorkerHarness.QUICK.withLease(Duration.ofSeconds(2),
			Duration.ofMillis(500));

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final List<String> seen = new CopyOnWriteArrayList<>();

	UnsavedCheckpointTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).retry(1, Duration.ZERO);
		this.dataSource = new UnreliableDataSource(database.createPool(10));
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.dataSource.recover(KEEPER);
		this.dataSource.recover(WRITER);
		this.harness.stopAll();
	}

	@Test
	void aCheckpointThatTheDatabaseRefusesFailsTheStepAndNoOther() {
		this.harness.jdbc().sql("ALTER TABLE pg_task ADD CONSTRAINT no_evil CHECK (step NOT LIKE '%evil%')").update();
		this.harness.start((state, context) -> {
			try {
				context.checkpoint(new Journey.Start("evil"));
			}
			catch (DataAccessException ex) {
				this.seen.add("refused: " + ex.getMessage());
			}
			context.checkpoint(new Journey.Start("good"));
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "a"));
		assertThat(this.seen).singleElement().asString().startsWith("refused: ").contains("no_evil");
		this.harness.jdbc().sql("ALTER TABLE pg_task DROP CONSTRAINT no_evil").update();
	}

	@Test
	void aCheckpointWaitsUntilTheDatabaseIsBack() {
		this.harness.start((state, context) -> {
			this.dataSource.failFor(WRITER, "08006");
			context.checkpoint(new Journey.Start("half"));
			this.seen.add(this.harness.row(context.taskId()).step());
			return NextStep.done();
		});
		Worker worker = run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> worker.status().trouble() != null);
		assertThat(this.seen).isEmpty();
		this.dataSource.recover(WRITER);
		awaitEnd(id);
		assertThat(this.seen).singleElement().asString().contains("half");
	}

	@Test
	void aCheckpointThatCannotBeSavedWhileTheLeaseLivesEndsTheStep() {
		CompletableFuture<String> failure = new CompletableFuture<>();
		this.harness.start((state, context) -> {
			if (context.delivery() == 1) {
				this.dataSource.failFor(WRITER, "08006");
				this.dataSource.failFor(KEEPER, "08006");
				try {
					context.checkpoint(new Journey.Start("half"));
				}
				catch (LeaseLostException ex) {
					failure.complete(state.name());
					this.dataSource.recover(WRITER);
					this.dataSource.recover(KEEPER);
					throw ex;
				}
			}
			this.seen.add(state.name());
			return NextStep.done();
		});
		this.harness.run(SHORT_LEASE, this.dataSource);
		awaitEnd(this.harness.insert("Start", "a"));
		assertThat(failure).isCompletedWithValue("a");
		assertThat(this.seen).containsExactly("a");
	}

	@Test
	void aWorkerThatStopsDoesNotWaitForACheckpointThatCannotBeSaved() {
		CompletableFuture<Void> started = new CompletableFuture<>();
		this.harness.start((state, context) -> {
			this.dataSource.failFor(WRITER, "08006");
			started.complete(null);
			context.checkpoint(new Journey.Start("half"));
			return NextStep.done();
		});
		Worker worker = this.harness.run(WorkerHarness.QUICK.withLease(Duration.ofMinutes(5), Duration.ofMinutes(1))
			.withShutdownTimeout(Duration.ofSeconds(1)), this.dataSource);
		this.harness.insert("Start", "a");
		started.join();
		assertThat(worker.stop()).succeedsWithin(Duration.ofSeconds(15));
	}

	@Test
	void nobodySavesACheckpointWhenTheStepIsOver() {
		CompletableFuture<StepContext> kept = new CompletableFuture<>();
		this.harness.start((state, context) -> {
			kept.complete(context);
			return NextStep.delay(new Journey.Middle("a"), Duration.ofDays(1));
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.row(id).step().contains("Middle"));
		assertThatExceptionOfType(LeaseLostException.class)
			.isThrownBy(() -> kept.join().checkpoint(new Journey.Start("late")));
		assertThat(this.harness.row(id).step()).contains("Middle");
	}

	private Worker run() {
		return this.harness.run(WorkerHarness.QUICK, this.dataSource);
	}

	private void awaitEnd(UUID id) {
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.isGone(id));
	}

}
