package io.pgtask.examples;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
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
 * A task that sleeps between its steps, in the table and not in a thread.
 */
@PostgresTest
class DelayExampleTests {

	private final FirstAttempt context = new FirstAttempt();

	@Test
	void sleepSchedulesItsWakeUp() {
		assertThat(new SleepStep().run(new Sleeper.Sleep(Duration.ofSeconds(3)), this.context))
			.isEqualTo(NextStep.delay(new Sleeper.WakeUp(Duration.ofSeconds(3)), Duration.ofSeconds(3)));
	}

	@Test
	void sleepMayBeOfNoLength() {
		assertThat(new SleepStep().run(new Sleeper.Sleep(Duration.ZERO), this.context))
			.isEqualTo(NextStep.delay(new Sleeper.WakeUp(Duration.ZERO), Duration.ZERO));
	}

	@Test
	void wakeUpEndsTheTask() {
		WakeUpStep step = new WakeUpStep();
		assertThat(step.run(new Sleeper.WakeUp(Duration.ofSeconds(3)), this.context)).isEqualTo(NextStep.done());
		assertThat(step.slept).containsExactly(Duration.ofSeconds(3));
	}

	@Test
	void theDelayedWakeUpIsInTheTableBeforeItRuns(TestDatabase database) throws Exception {
		WakeUpStep wakeUp = new WakeUpStep();
		Duration sleep = Duration.ofSeconds(1);
		try (ExampleWorker worker = new ExampleWorker(database, new SleepStep(), wakeUp)) {
			worker.start();
			UUID id = worker.client().enqueue(new Sleeper.Sleep(sleep));
			await().until(() -> worker.jdbc().sql("""
					SELECT count(*) FROM pg_task
					WHERE id = ? AND step = '{"Sleeper":{"WakeUp":{"duration":"PT1S"}}}' AND locked_by IS NULL
						AND wakeup_at = updated_at + interval '1 second' AND wakeup_at > statement_timestamp()
					""").param(id).query(Integer.class).single() == 1);
			assertThat(wakeUp.slept).isEmpty();
			await().until(() -> worker.tasks() == 0);
			assertThat(wakeUp.slept).containsExactly(sleep);
		}
	}

	sealed interface Sleeper {

		record Sleep(Duration duration) implements Sleeper {
		}

		record WakeUp(Duration duration) implements Sleeper {
		}

	}

	private static final class SleepStep implements Step<Sleeper, Sleeper.Sleep> {

		@Override
		public NextStep<Sleeper> run(Sleeper.Sleep state, StepContext context) {
			return NextStep.delay(new Sleeper.WakeUp(state.duration()), state.duration());
		}

	}

	private static final class WakeUpStep implements Step<Sleeper, Sleeper.WakeUp> {

		private final List<Duration> slept = new CopyOnWriteArrayList<>();

		@Override
		public NextStep<Sleeper> run(Sleeper.WakeUp state, StepContext context) {
			this.slept.add(state.duration());
			return NextStep.done();
		}

	}

}
