package io.pgtask.examples;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A task that counts: each number is a step of its own.
 */
@PostgresTest
class CounterExampleTests {

	private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456789Z");

	private final FirstAttempt context = new FirstAttempt();

	@Test
	void startGoesOnToTheFirstNumber() {
		assertThat(new StartStep(NOON).run(new Counter.Start(3), this.context))
			.isEqualTo(NextStep.now(new Counter.Proceed(3, NOON, 1)));
	}

	@Test
	void proceedKeepsCountingBeforeTheLimit() {
		assertThat(new ProceedStep().run(new Counter.Proceed(3, NOON, 2), this.context))
			.isEqualTo(NextStep.now(new Counter.Proceed(3, NOON, 3)));
	}

	@Test
	void proceedGoesOnToFinishAtTheLimit() {
		assertThat(new ProceedStep().run(new Counter.Proceed(3, NOON, 3), this.context))
			.isEqualTo(NextStep.now(new Counter.Finish(3, NOON)));
	}

	@Test
	void countingToOneFinishesAfterOneNumber() {
		assertThat(new ProceedStep().run(new Counter.Proceed(1, NOON, 1), this.context))
			.isEqualTo(NextStep.now(new Counter.Finish(1, NOON)));
	}

	@Test
	void finishEndsTheTask() {
		FinishStep step = new FinishStep(NOON.plusMillis(1500));
		assertThat(step.run(new Counter.Finish(3, NOON), this.context)).isEqualTo(NextStep.done());
		assertThat(step.took).containsExactly(Duration.ofMillis(1500));
	}

	@Test
	void aWorkerCountsToTheEndAndKeepsTheNanosecondsOfAState(TestDatabase database) throws Exception {
		FinishStep finish = new FinishStep(NOON.plusNanos(1));
		try (ExampleWorker worker = new ExampleWorker(database, new StartStep(NOON), new ProceedStep(), finish)) {
			worker.start();
			worker.client().enqueue(new Counter.Start(100));
			await().until(() -> worker.tasks() == 0);
			assertThat(finish.took).containsExactly(Duration.ofNanos(1));
		}
	}

	sealed interface Counter {

		record Start(int upTo) implements Counter {
		}

		record Proceed(int upTo, Instant startedAt, int current) implements Counter {
		}

		record Finish(int upTo, Instant startedAt) implements Counter {
		}

	}

	private static final class StartStep implements Step<Counter, Counter.Start> {

		private final Instant now;

		private StartStep(Instant now) {
			this.now = now;
		}

		@Override
		public NextStep<Counter> run(Counter.Start state, StepContext context) {
			return NextStep.now(new Counter.Proceed(state.upTo(), this.now, 1));
		}

	}

	private static final class ProceedStep implements Step<Counter, Counter.Proceed> {

		@Override
		public NextStep<Counter> run(Counter.Proceed state, StepContext context) {
			if (state.current() < state.upTo()) {
				return NextStep.now(new Counter.Proceed(state.upTo(), state.startedAt(), state.current() + 1));
			}
			return NextStep.now(new Counter.Finish(state.upTo(), state.startedAt()));
		}

	}

	private static final class FinishStep implements Step<Counter, Counter.Finish> {

		private final Instant now;

		private final List<Duration> took = new CopyOnWriteArrayList<>();

		private FinishStep(Instant now) {
			this.now = now;
		}

		@Override
		public NextStep<Counter> run(Counter.Finish state, StepContext context) {
			this.took.add(Duration.between(state.startedAt(), this.now));
			return NextStep.done();
		}

	}

}
