package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link StepRunner} in a running {@link Worker}: what surrounds a step, and
 * what becomes of what it returns.
 */
@TaskTableTest
class StepRunnerTests {

	private final TestDatabase database;

	private final WorkerHarness harness;

	StepRunnerTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void theLogLinesOfAStepCarryItsTaskAndItsAttempt() {
		List<Map<String, String>> logged = new CopyOnWriteArrayList<>();
		this.harness.retry(1, Duration.ZERO).start((state, context) -> {
			logged.add(MDC.getCopyOfContextMap());
			if (context.attempt() == 1) {
				throw new IllegalStateException("once");
			}
			return NextStep.done();
		});
		this.harness.run(WorkerHarness.QUICK.withConcurrency(1));
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		Map<String, String> first = Map.of("pgtask.id", id.toString(), "pgtask.type", "Journey", "pgtask.step", "Start",
				"pgtask.attempt", "1");
		assertThat(logged).hasSize(2);
		assertThat(logged.get(0)).isEqualTo(first);
		assertThat(logged.get(1)).containsEntry("pgtask.attempt", "2").hasSize(first.size());
	}

	@Test
	void aNextStateThatCannotBeWrittenParksTheTaskAtTheStepItIsIn() {
		AtomicInteger runs = new AtomicInteger();
		this.harness.retry(5, Duration.ZERO).start((state, context) -> {
			runs.incrementAndGet();
			return NextStep.now(new Journey.Middle("PostgreSQL has no text with \0"));
		});
		this.harness.run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id)).satisfies((row) -> {
			assertThat(row.step()).isEqualTo("{\"Journey\":{\"Start\":{\"name\":\"a\"}}}");
			assertThat(row.tried()).isEqualTo(1);
			assertThat(row.error()).startsWith("can't serialize the next step");
			assertThat(row.lockedBy()).isNull();
		});
		assertThat(runs).as("a retry would not help").hasValue(1);
	}

	@Test
	void aTaskThatGoesOnAtOnceIsClaimedOnce() {
		List<Integer> claims = new CopyOnWriteArrayList<>();
		WorkerEvents events = new WorkerEvents() {

			@Override
			public void claimed(int tasks) {
				if (tasks > 0) {
					claims.add(tasks);
				}
			}

		};
		this.harness.start((state, context) -> NextStep.now(new Journey.Middle(state.name())))
			.middle((state, context) -> NextStep.now(new Journey.End(state.name())));
		this.harness.run(WorkerHarness.QUICK, (builder) -> builder.events(events), this.database.createPool(10));
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(claims).containsExactly(1);
	}

}
