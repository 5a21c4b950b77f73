package io.pgtask.worker;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import io.pgtask.OnConflict;
import io.pgtask.TaskOptions;
import io.pgtask.store.DirectOffer;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: when it offers to start a task directly, and when it leaves
 * the task to a claim.
 */
@TaskTableTest
@Timeout(120)
class DirectOfferTests {

	private static final Journey.Start STATE = new Journey.Start("a");

	private static final Journey.Start HELD = new Journey.Start("held");

	private static final WorkerSettings ONE_SLOT = WorkerHarness.QUICK.withConcurrency(1);

	private final TestDatabase database;

	private final DirectHarness harness;

	DirectOfferTests(TestDatabase database) {
		this.database = database;
		this.harness = new DirectHarness(database);
	}

	@AfterEach
	void close() throws Exception {
		this.harness.close();
	}

	@Test
	void nothingOfAPausedTypeIsStartedOrOffered() {
		Worker worker = this.harness.run();
		this.harness.admin().pauseType("Journey", null);
		await().until(() -> worker.status().pausedTypes().contains("Journey"));
		assertThat(DirectHarness.offers(worker)).isFalse();
		this.harness.client().enqueue(STATE);
		await().during(Duration.ofSeconds(1)).until(() -> this.harness.begun().isEmpty());
		this.harness.admin().resumeType("Journey");
		assertThat(this.harness.awaitBegun().direct()).isFalse();
		this.harness.awaitEmpty();
		DirectHarness.awaitIdle(worker);
	}

	@Test
	void whatIsNotDueAtOnceOrHasAUniqueKeyIsClaimed() {
		this.harness.run();
		TaskOptions options = TaskOptions.DEFAULT;
		this.harness.client().enqueue(STATE, options.withDelay(Duration.ofMillis(1)));
		this.harness.client().enqueue(STATE, options.withDueAt(Instant.EPOCH));
		this.harness.client().enqueue(STATE, options.withUniqueKey("k", OnConflict.REJECT));
		assertThat(this.harness.awaitBegun(3)).noneMatch(DirectHarness.Begun::direct);
	}

	@Test
	void aTypeOfWhichTheWorkerRunsNoStepIsLeftToOthers() {
		Worker worker = this.harness.run();
		assertThat(DirectHarness.offers(worker, "Elsewhere")).isFalse();
		UUID id = this.harness.client().enqueue(new Elsewhere.Begin());
		assertThat(this.harness.workers().row(id).lockedBy()).isNull();
	}

	@Test
	void withoutAWorkerOrWithOneThatHasStoppedTasksWaitForOthers() throws Exception {
		UUID first = this.harness.client().enqueue(STATE);
		assertThat(this.harness.workers().row(first).lockedBy()).isNull();
		Worker worker = this.harness.run();
		this.harness.awaitEmpty();
		worker.stop().get(20, TimeUnit.SECONDS);
		assertThat(DirectHarness.offers(worker)).isFalse();
		UUID second = this.harness.client().enqueue(STATE);
		assertThat(this.harness.workers().row(second).lockedBy()).isNull();
		worker.start();
		this.harness.awaitEmpty();
	}

	@Test
	void aTaskIsClaimedWhenEverySlotIsTaken() {
		Worker worker = this.harness.run(ONE_SLOT);
		this.harness.client().enqueue(HELD);
		this.harness.awaitBegun();
		assertThat(DirectHarness.offers(worker)).isFalse();
		UUID second = this.harness.client().enqueue(STATE);
		assertThat(this.harness.workers().row(second).lockedBy()).isNull();
		this.harness.release();
		this.harness.awaitEmpty();
		assertThat(this.harness.awaitBegun(2).get(1).direct()).isFalse();
	}

	@Test
	void noMoreStartsAreOfferedThanThereAreSlots() {
		Worker worker = this.harness.run();
		List<DirectOffer> offers = new ArrayList<>();
		for (DirectOffer offer = worker.offer("Journey"); offer != null
				&& offers.size() < 10; offer = worker.offer("Journey")) {
			offers.add(offer);
		}
		assertThat(offers).hasSizeBetween(1, WorkerHarness.QUICK.concurrency());
		assertThat(offers.stream().map(DirectOffer::token)).doesNotHaveDuplicates();
		// A transaction that takes long does not keep others from their direct start.
		DirectHarness.awaitIdle(worker);
		offers.forEach(DirectOffer::withdrawn);
	}

	@Test
	void nothingStartsDirectlyWhileSomebodyHasToldOfWorkThatWasNotLookedAtYet() throws SQLException {
		Worker worker = this.harness.run();
		try (Connection blocker = this.database.openConnection(); Statement statement = blocker.createStatement()) {
			blocker.setAutoCommit(false);
			statement.execute("LOCK TABLE pg_task IN ACCESS EXCLUSIVE MODE");
			worker.wake();
			assertThat(DirectHarness.offers(worker)).isFalse();
			await().until(() -> isWaitedFor(statement));
			assertThat(DirectHarness.offers(worker)).as("while the claimer looks").isFalse();
			blocker.rollback();
		}
		DirectHarness.awaitIdle(worker);
	}

	private static boolean isWaitedFor(Statement statement) throws SQLException {
		try (ResultSet waiting = statement.executeQuery("""
				SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'pg_task'::regclass AND NOT granted)
				""")) {
			waiting.next();
			return waiting.getBoolean(1);
		}
	}

	/**
	 * A type that nobody here has steps for.
	 */
	sealed interface Elsewhere {

		record Begin() implements Elsewhere {
		}

	}

}
