package io.pgtask.worker;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.WorkerHarness.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: steps that end as no step should. Each test has a single
 * slot, which the broken step must not take away from the others.
 */
@TaskTableTest
class BrokenStepTests {

	private static final WorkerSettings ONE_SLOT = WorkerHarness.QUICK.withConcurrency(1);

	private final WorkerHarness harness;

	BrokenStepTests(TestDatabase database) {
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	static Stream<Named<Supplier<Throwable>>> throwables() {
		return Stream.of(Named.of("StackOverflowError", BrokenStepTests::overflow),
				Named.of("OutOfMemoryError", () -> new OutOfMemoryError("Java heap space")),
				Named.of("NoClassDefFoundError", () -> new NoClassDefFoundError("com/example/Gone")),
				Named.of("InterruptedException", () -> new InterruptedException("by its own doing")),
				Named.of("an Error of no known kind", () -> new Error("an error of nobody's")),
				Named.of("a message that cannot be had", UnspeakableException::new),
				Named.of("a chain of causes that bites its tail", BrokenStepTests::circle),
				Named.of("a chain of causes without end", () -> chain(20_000)),
				Named.of("a message the database cannot hold", () -> new IllegalStateException("\0\ud800 no \ufffe")));
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void whateverAStepThrowsIsAFailedAttemptAndCostsNoSlot(Supplier<Throwable> throwable) {
		AtomicInteger attempts = new AtomicInteger();
		this.harness.retry(1, Duration.ofMillis(10)).start((state, context) -> {
			if (state.name().equals("good")) {
				return NextStep.done();
			}
			attempts.incrementAndGet();
			throw BrokenStepTests.<Exception>sneaky(throwable.get());
		});
		this.harness.run(ONE_SLOT);
		UUID broken = this.harness.insert("Start", "broken");
		await().until(() -> this.harness.isParked(broken));
		Row row = this.harness.row(broken);
		assertThat(row.tried()).isEqualTo(2);
		assertThat(row.error()).isNotBlank().isEqualTo(row.lastError());
		assertThat(row.lockedBy()).isNull();
		assertThat(attempts).hasValue(2);
		UUID good = this.harness.insert("Start", "good");
		await().until(() -> this.harness.isGone(good));
	}

	@Test
	void aStepThatReturnsNullFailsWithAHintAtWhatToReturn() {
		this.harness.retry(1, Duration.ofMillis(10)).start((state, context) -> nothing());
		this.harness.run(ONE_SLOT);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).tried()).isEqualTo(2);
		assertThat(this.harness.row(id).error()).isEqualTo(
				"java.lang.IllegalStateException: The step returned null instead of a transition; return NextStep.done()"
						+ " to end the task");
	}

	@Test
	void anInterruptionThatAStepCausedItselfDoesNotReachTheNextStep() {
		AtomicInteger interrupted = new AtomicInteger();
		this.harness.start((state, context) -> {
			if (Thread.currentThread().isInterrupted()) {
				interrupted.incrementAndGet();
			}
			Thread.currentThread().interrupt();
			return NextStep.done();
		});
		this.harness.insertMany(20);
		this.harness.run(ONE_SLOT);
		await().until(() -> this.harness.count() == 0);
		assertThat(interrupted).hasValue(0);
	}

	@Test
	void aStepThatIgnoresItsInterruptionAtStopIsGivenBackAndHasHadItsDelivery() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch finish = new CountDownLatch(1);
		this.harness.start((state, context) -> {
			running.countDown();
			awaitStubbornly(finish);
			return NextStep.now(new Journey.Middle("must not be saved"));
		});
		UUID id = this.harness.insert("Start", "a");
		Worker worker = this.harness.run(ONE_SLOT.withShutdownTimeout(Duration.ofMillis(100)));
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
		worker.stop().get(10, TimeUnit.SECONDS);
		Row givenBack = this.harness.row(id);
		assertThat(givenBack.lockedBy()).isNull();
		assertThat(givenBack.delivery()).isEqualTo(1);
		assertThat(givenBack.tried()).isZero();
		finish.countDown();
		this.harness.start((state, context) -> NextStep.done());
		this.harness.run(ONE_SLOT);
		await().until(() -> this.harness.isGone(id));
	}

	@SuppressWarnings("NullAway") // a step written without null checks
	private static NextStep<Journey> nothing() {
		return null;
	}

	private static void awaitStubbornly(CountDownLatch latch) {
		boolean done = false;
		while (!done) {
			try {
				done = latch.await(20, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				// That is what this step is about.
			}
		}
	}

	@SuppressWarnings("unchecked")
	private static <X extends Throwable> X sneaky(Throwable throwable) throws X {
		throw (X) throwable;
	}

	private static Throwable overflow() {
		try {
			return new IllegalStateException("unreachable " + deep(1));
		}
		catch (StackOverflowError ex) {
			return ex;
		}
	}

	@SuppressWarnings("InfiniteRecursion")
	private static int deep(int depth) {
		return deep(depth + 1) + 1;
	}

	private static Throwable circle() {
		IllegalStateException one = new IllegalStateException("one");
		IllegalStateException other = new IllegalStateException("other", one);
		one.initCause(other);
		return one;
	}

	private static Throwable chain(int length) {
		Throwable chain = new IllegalStateException("the end");
		for (int i = 0; i < length; i++) {
			chain = new IllegalStateException("link", chain);
		}
		return chain;
	}

	private static final class UnspeakableException extends RuntimeException {

		@Override
		public @Nullable String getMessage() {
			throw new UnsupportedOperationException("There is no message");
		}

	}

}
