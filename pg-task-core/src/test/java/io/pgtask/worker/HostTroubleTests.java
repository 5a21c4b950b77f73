package io.pgtask.worker;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: what the application around it lends to it fails.
 */
@TaskTableTest
class HostTroubleTests {

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final RunLog log = new RunLog();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	HostTroubleTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.log.record(this.harness, () -> {
		});
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
		this.threads.shutdownNow();
	}

	static Stream<Named<Supplier<Throwable>>> refusals() {
		return Stream.of(Named.of("a full executor", () -> new RejectedExecutionException("no thread left")),
				Named.of("an executor that fails", () -> new IllegalStateException("not started yet")),
				Named.of("an operating system without a thread",
						() -> new OutOfMemoryError("unable to create native thread")));
	}

	@ParameterizedTest
	@MethodSource("refusals")
	void tasksWaitUntilTheExecutorHasAThreadAgain(Supplier<Throwable> refusal) {
		AtomicInteger refused = new AtomicInteger();
		Executor executor = (slot) -> {
			if (refused.incrementAndGet() <= 3) {
				HostTroubleTests.<RuntimeException>sneakyThrow(refusal.get());
			}
			this.threads.execute(slot);
		};
		this.harness.insertMany(10);
		this.harness.run(WorkerHarness.QUICK.withConcurrency(1), (builder) -> builder.executor(executor),
				this.database.createPool(6));
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.count() == 0);
		assertThat(refused).hasValueGreaterThan(3);
		assertThat(this.log.repeated()).isEmpty();
		assertThat(this.log.distinct()).isEqualTo(30);
	}

	@Test
	void whoMeasuresTheWorkerCannotEndIt() {
		WorkerEvents broken = new WorkerEvents() {

			@Override
			public void claimed(int tasks) {
				throw new NoClassDefFoundError("com/example/Metrics");
			}

			@Override
			public void finished(String taskType, String step, StepOutcome outcome, Duration duration) {
				throw new IllegalStateException("full");
			}

		};
		this.harness.insertMany(10);
		this.harness.run(WorkerHarness.QUICK, (builder) -> builder.events(broken), this.database.createPool(6));
		await().until(() -> this.harness.count() == 0);
		assertThat(this.log.repeated()).isEmpty();
	}

	@SuppressWarnings("unchecked")
	private static <X extends Throwable> void sneakyThrow(Throwable throwable) throws X {
		throw (X) throwable;
	}

}
