package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: tasks that are claimed and not run, because their deadline
 * has passed or because nobody confirmed them.
 */
@TaskTableTest
class UnstartedTaskTests {

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final OutcomeCounter outcomes = new OutcomeCounter();

	private final List<String> ran = new CopyOnWriteArrayList<>();

	UnstartedTaskTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database).start((state, context) -> {
			this.ran.add(state.name());
			return NextStep.done();
		});
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void aTaskThatWasNotStartedByItsDeadlineIsParkedAndNotRun() {
		UUID late = insert("late", "deadline = '2001-02-03T04:05:06Z'");
		UUID inTime = insert("in time", "deadline = now() + interval '1 hour'");
		run();
		await().until(() -> this.harness.isParked(late) && this.harness.isGone(inTime));
		assertThat(this.ran).containsExactly("in time");
		assertThat(this.harness.row(late)).satisfies((row) -> {
			assertThat(row.error()).isEqualTo("expired: not started by 2001-02-03T04:05:06Z");
			assertThat(row.tried()).isZero();
			assertThat(row.lockedBy()).isNull();
			assertThat(row.parked()).isTrue();
		});
		await().untilAsserted(() -> assertThat(this.outcomes.outcomes())
			.isEqualTo(Map.of(StepOutcome.EXPIRED, 1, StepOutcome.DONE, 1)));
	}

	@Test
	void whoClearsTheErrorOfAnExpiredTaskHasItRun() {
		UUID id = insert("late", "deadline = now() - interval '1 second'");
		run();
		await().until(() -> this.harness.isParked(id));
		this.harness.jdbc().sql("UPDATE pg_task SET error = NULL").update();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.ran).containsExactly("late");
	}

	@Test
	void aTaskThatWasStartedOnceDoesNotExpire() {
		UUID crashed = insert("crashed", "deadline = now() - interval '1 second', delivery = 1");
		UUID retried = insert("retried", "deadline = now() - interval '1 second', tried = 1");
		run();
		await().until(() -> this.harness.isGone(crashed) && this.harness.isGone(retried));
		assertThat(this.ran).containsExactlyInAnyOrder("crashed", "retried");
	}

	@Test
	void theDeadlineIsThatOfTheFirstStepAlone() {
		List<Boolean> cleared = new CopyOnWriteArrayList<>();
		this.harness.start((state, context) -> NextStep.now(new Journey.Middle(state.name())))
			.middle((state, context) -> {
				cleared.add(hasNoDeadline(context.taskId()));
				return NextStep.delay(new Journey.End(state.name()), Duration.ofMillis(10));
			})
			.end((state, context) -> {
				cleared.add(hasNoDeadline(context.taskId()));
				return NextStep.done();
			});
		UUID id = insert("a", "deadline = now() + interval '1 hour'");
		run();
		await().until(() -> this.harness.isGone(id));
		assertThat(cleared).containsExactly(true, true);
	}

	@Test
	void aFailedAttemptCountsAsAStart() {
		this.harness.retry(1, Duration.ofDays(1)).start((state, context) -> {
			throw new IllegalStateException("boom");
		});
		UUID id = insert("a", "deadline = now() + interval '1 hour'");
		run();
		await().until(() -> this.harness.row(id).tried() == 1);
		assertThat(hasNoDeadline(id)).isTrue();
	}

	@Test
	void aReservedTaskThatNobodyConfirmedIsDeletedAndNotRun() {
		UUID lapsed = insert("lapsed", "hold = 'reserved', hold_due = now(), wakeup_at = now() + interval '100 ms'");
		UUID reserved = insert("reserved",
				"hold = 'reserved', hold_due = now(), wakeup_at = now() + interval '1 hour'");
		run();
		await().until(() -> this.harness.isGone(lapsed));
		await().untilAsserted(() -> assertThat(this.outcomes.outcomes()).isEqualTo(Map.of(StepOutcome.LAPSED, 1)));
		assertThat(this.harness.isGone(reserved)).isFalse();
		assertThat(this.ran).isEmpty();
	}

	@Test
	void aTaskThatIsHeldForAReasonNobodyKnowsHereIsNeitherRunNorDeleted() {
		UUID id = insert("held", "hold = 'strange'");
		run();
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).startsWith("held back as 'strange', which this release");
		assertThat(this.ran).isEmpty();
		this.harness.jdbc().sql("UPDATE pg_task SET hold = NULL, error = NULL").update();
		await().until(() -> this.harness.isGone(id));
		assertThat(this.ran).containsExactly("held");
	}

	private void run() {
		this.harness.run(WorkerHarness.QUICK, (builder) -> builder.events(this.outcomes), this.database.createPool(10));
	}

	private UUID insert(String name, String assignments) {
		UUID id = this.harness.insertQuietly("Start", name);
		this.harness.jdbc().sql("UPDATE pg_task SET " + assignments + " WHERE id = ?").param(id).update();
		return id;
	}

	private boolean hasNoDeadline(UUID id) {
		return this.harness.jdbc()
			.sql("SELECT deadline IS NULL FROM pg_task WHERE id = ?")
			.param(id)
			.query(Boolean.class)
			.single();
	}

}
