package io.pgtask.worker;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker} on virtual threads, which the oldest supported JVM has not.
 */
@TaskTableTest
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadsTests {

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final ExecutorService executor = virtualThreads();

	VirtualThreadsTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
		this.executor.shutdownNow();
	}

	@Test
	void everyStepRunsOnAVirtualThread() {
		Set<String> kinds = ConcurrentHashMap.newKeySet();
		RunLog log = new RunLog();
		log.record(this.harness, () -> kinds.add(isVirtual(Thread.currentThread()) ? "virtual" : "platform"));
		this.harness.insertMany(1000);
		run(WorkerHarness.QUICK);
		await().until(() -> this.harness.count() == 0);
		assertThat(kinds).containsExactly("virtual");
		assertThat(log.repeated()).isEmpty();
		assertThat(log.distinct()).isEqualTo(3000);
	}

	@Test
	void hundredsOfStepsRunAtOnce() throws Exception {
		CountDownLatch all = new CountDownLatch(500);
		this.harness.start((state, context) -> {
			all.countDown();
			all.await();
			return NextStep.done();
		});
		this.harness.insertMany(500);
		run(WorkerHarness.QUICK.withConcurrency(500));
		assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
		await().until(() -> this.harness.count() == 0);
	}

	@Test
	void aStepIsInterruptedWhenTheWorkerStops() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		AtomicInteger interrupted = new AtomicInteger();
		this.harness.start((state, context) -> {
			running.countDown();
			try {
				TimeUnit.MINUTES.sleep(1);
			}
			catch (InterruptedException ex) {
				interrupted.incrementAndGet();
				throw ex;
			}
			return NextStep.done();
		});
		this.harness.insertMany(1);
		Worker worker = run(WorkerHarness.QUICK.withShutdownTimeout(Duration.ofMillis(50)));
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
		worker.stop().get(10, TimeUnit.SECONDS);
		assertThat(interrupted).hasValue(1);
		assertThat(this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE locked_by IS NULL AND delivery = 0 AND tried = 0")
			.query(Integer.class)
			.single()).isEqualTo(1);
	}

	private Worker run(WorkerSettings settings) {
		return this.harness.run(settings, (builder) -> builder.executor(this.executor), this.database.createPool(6));
	}

	/** The sources are those of an older Java. */
	private static ExecutorService virtualThreads() {
		try {
			Method factory = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
			return (ExecutorService) factory.invoke(null);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static boolean isVirtual(Thread thread) throws ReflectiveOperationException {
		return (boolean) Thread.class.getMethod("isVirtual").invoke(thread);
	}

}
