package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import io.pgtask.Backoff;
import io.pgtask.GateDecision;
import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.StepTimeoutException;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Worker}: attempts that take longer than they may.
 */
@TaskTableTest
class StepTimeoutTests {

	private static final WorkerSettings ONE_SLOT = WorkerHarness.QUICK.withConcurrency(1);

	private static final Duration TIMEOUT = Duration.ofMillis(200);

	private static final FailureSettings SHORT_GRACE = new FailureSettings(10, false, 1000, Duration.ofMillis(200));

	private final Map<String, StubbornStep> stubborn = new ConcurrentHashMap<>();

	private final List<String> stuck = new CopyOnWriteArrayList<>();

	private final WorkerHarness harness;

	StepTimeoutTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).timeout(TIMEOUT);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.stubborn.values().forEach(StubbornStep::end);
		this.harness.stopAll();
	}

	@Test
	void aStepThatTakesTooLongIsInterruptedAndItsAttemptHasFailedForThatReason() {
		List<Boolean> cancelled = new CopyOnWriteArrayList<>();
		this.harness.retry(1, Duration.ofMillis(10)).start((state, context) -> {
			try {
				TimeUnit.SECONDS.sleep(60);
			}
			finally {
				cancelled.add(context.isCancelled());
			}
			return NextStep.done();
		});
		this.harness.run(ONE_SLOT);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).tried()).isEqualTo(2);
		assertThat(this.harness.row(id).error())
			.isEqualTo("io.pgtask.StepTimeoutException: the attempt took longer than"
					+ " its timeout of PT0.2S: java.lang.InterruptedException: sleep interrupted");
		assertThat(cancelled).containsExactly(true, true);
	}

	@Test
	void whatAStepReturnsAfterItsTimeIsOverDoesNotCount() {
		this.harness.start((state, context) -> {
			while (!context.isCancelled()) {
				Thread.onSpinWait();
			}
			return NextStep.now(new Journey.Middle("must not be saved"));
		});
		this.harness.run(ONE_SLOT);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).contains("StepTimeoutException");
	}

	@Test
	void theInterruptionDoesNotReachThePermitsThatTheStepHeld() {
		List<Boolean> interrupted = new CopyOnWriteArrayList<>();
		this.harness.start((state, context) -> {
			while (!context.isCancelled()) {
				Thread.onSpinWait();
			}
			Thread.currentThread().interrupt();
			return NextStep.done();
		});
		this.harness.run(ONE_SLOT, (builder) -> builder.gates(List
			.of((request) -> GateDecision.proceed(() -> interrupted.add(Thread.currentThread().isInterrupted())))));
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(interrupted).containsExactly(false);
	}

	@Test
	void everyAttemptAndEveryStepHasItsOwnTime() {
		this.harness.timeout(Duration.ofSeconds(5)).start((state, context) -> {
			TimeUnit.SECONDS.sleep(2);
			return NextStep.now(new Journey.Middle("a"));
		}).middle((state, context) -> {
			TimeUnit.SECONDS.sleep(2);
			return NextStep.now(new Journey.End("a"));
		}).end((state, context) -> {
			TimeUnit.SECONDS.sleep(2);
			return NextStep.done();
		});
		this.harness.run(ONE_SLOT);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
	}

	@Test
	void aTimeoutCanBeMadeAFailureThatIsNotRetried() {
		this.harness
			.retry(new RetrySettings(5, Backoff.CONSTANT, Duration.ZERO, 1.0, null, 0.0, Set.of(),
					Set.of(StepTimeoutException.class), null))
			.start((state, context) -> {
				TimeUnit.SECONDS.sleep(60);
				return NextStep.done();
			});
		this.harness.run(ONE_SLOT);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).tried()).isEqualTo(1);
	}

	@Test
	void aStepThatIgnoresItsInterruptionIsReportedWithItsStackAndItsTaskGoesOnWithoutIt() {
		this.harness.retry(1, Duration.ofMillis(10)).start((state, context) -> {
			if (context.attempt() == 1) {
				stubborn(state.name()).run();
				return NextStep.now(new Journey.Middle("must not be saved"));
			}
			return NextStep.now(new Journey.End("a"));
		}).end((state, context) -> NextStep.later(Duration.ofHours(1)));
		try (LogCapture log = LogCapture.open()) {
			run();
			UUID id = this.harness.insert("Start", "a");
			await().until(() -> this.harness.row(id).step().contains("End"));
			assertThat(this.stuck).containsExactly("Journey.Start");
			assertThat(log.lines(Level.ERROR)).singleElement()
				.satisfies((line) -> assertThat(line).contains(id.toString(), "pg-task-step-", "this is where it is"));
			assertThat(log.stacks()).anyMatch((stack) -> stack.contains(StubbornStep.class.getName()));
			StubbornStep stubborn = stubborn("a");
			assertThat(stubborn.interruptions()).isEqualTo(1);
			stubborn.end();
			await().until(() -> log.lines(Level.INFO).stream().anyMatch((line) -> line.contains("has ended")));
			assertThat(this.harness.row(id).step()).contains("End");
		}
	}

	@Test
	void aStepThatIgnoresItsInterruptionTakesNoSlotFromOthers() {
		this.harness.start((state, context) -> {
			stubborn(state.name()).run();
			return NextStep.done();
		}).middle((state, context) -> NextStep.done());
		run();
		UUID stuck = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(stuck));
		UUID good = this.harness.insert("Middle", "a");
		await().until(() -> this.harness.isGone(good));
		stubborn("a").end();
		await().until(stubborn("a")::hasEnded);
		UUID after = this.harness.insert("Middle", "b");
		await().until(() -> this.harness.isGone(after));
	}

	@Test
	void asManySlotsAreReplacedAsThereAreAndAllComeBack() {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		this.harness.start((state, context) -> {
			stubborn(state.name()).run();
			return NextStep.done();
		}).middle((state, context) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			TimeUnit.MILLISECONDS.sleep(20);
			running.decrementAndGet();
			return NextStep.done();
		});
		run();
		UUID first = this.harness.insert("Start", "first");
		await().until(() -> this.harness.isParked(first));
		UUID second = this.harness.insert("Start", "second");
		await().until(() -> this.harness.isParked(second));
		UUID good = this.harness.insertQuietly("Middle", "a");
		await().during(Duration.ofMillis(500)).until(() -> !this.harness.isGone(good));
		stubborn("first").end();
		await().until(() -> this.harness.isGone(good));
		stubborn("second").end();
		await().until(stubborn("second")::hasEnded);
		for (int i = 0; i < 20; i++) {
			this.harness.insertQuietly("Middle", "b" + i);
		}
		this.harness.insert("Middle", "loud");
		await().until(() -> this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE error IS NULL")
			.query(Integer.class)
			.single() == 0);
		assertThat(most).as("slots").hasValue(1);
	}

	@Test
	void anExecutorOfTheApplicationGetsAnotherThreadForAReplacedSlot() {
		ExecutorService executor = Executors.newCachedThreadPool();
		this.harness.start((state, context) -> {
			stubborn(state.name()).run();
			return NextStep.done();
		}).middle((state, context) -> NextStep.done());
		this.harness.run(ONE_SLOT, (builder) -> builder.failures(SHORT_GRACE).executor(executor));
		UUID stuck = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(stuck));
		UUID good = this.harness.insert("Middle", "a");
		await().until(() -> this.harness.isGone(good));
		stubborn("a").end();
		executor.shutdown();
	}

	@Test
	void aWorkerStopsAlthoughAStepThatIgnoredItsTimeoutStillRuns() throws Exception {
		this.harness.start((state, context) -> {
			stubborn(state.name()).run();
			return NextStep.done();
		});
		Worker worker = run(ONE_SLOT.withShutdownTimeout(Duration.ofMinutes(1)));
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		long start = System.nanoTime();
		worker.stop().get(1, TimeUnit.MINUTES);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as("shorter than the shutdown timeout")
			.isLessThan(Duration.ofSeconds(30));
		assertThat(this.harness.row(id).tried()).isEqualTo(1);
	}

	private Worker run() {
		return run(ONE_SLOT);
	}

	private Worker run(WorkerSettings settings) {
		return this.harness.run(settings, (builder) -> builder.failures(SHORT_GRACE).events(new WorkerEvents() {

			@Override
			public void stuck(String taskType, String step) {
				StepTimeoutTests.this.stuck.add(taskType + "." + step);
			}

		}));
	}

	private StubbornStep stubborn(String name) {
		return this.stubborn.computeIfAbsent(name, (absent) -> new StubbornStep());
	}

}
