package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

import ch.qos.logback.classic.Level;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link TransitionWriter}: batches the database does not take as they are.
 */
@TaskTableTest
class TransitionWriterTests {

	private static final String MIDDLE = "{\"Journey\":{\"Middle\":{\"name\":\"on\"}}}";

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final LockingSession session;

	private WriterHarness writer;

	TransitionWriterTests(TestDatabase database) throws SQLException {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.writer = new WriterHarness(database.dataSource(), Duration.ofSeconds(30));
		this.session = new LockingSession(database);
	}

	@AfterEach
	void stop() throws Exception {
		this.writer.close();
		this.session.close();
		this.harness.jdbc().sql("ALTER DATABASE " + this.database.name() + " RESET deadlock_timeout").update();
	}

	@Test
	void aRowThatSomeoneHasLockedDelaysNoOtherAndIsSavedWhenItIsFree() throws Exception {
		UUID locked = this.harness.insert("Start", "locked");
		this.harness.insert("Start", "a");
		this.harness.insert("Start", "b");
		this.writer.claimAll();
		this.session.lock(locked);
		this.writer.done("a");
		this.writer.done("locked");
		this.writer.now("b", MIDDLE);
		this.writer.start();
		await().atMost(Duration.ofSeconds(3)).until(() -> this.writer.next().contains(MIDDLE));
		await().atMost(Duration.ofSeconds(3)).until(() -> this.harness.count() == 2);
		assertThat(this.writer.isSettled()).isFalse();
		this.session.commit();
		await().until(() -> this.harness.isGone(locked));
		await().until(this.writer::isSettled);
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.DONE, 2, StepOutcome.NEXT, 1));
	}

	@Test
	void whatComesAfterALockedRowDoesNotWaitForItAgain() throws Exception {
		UUID locked = this.harness.insert("Start", "locked");
		this.harness.insert("Start", "a");
		this.writer.claimAll();
		this.session.lock(locked);
		this.writer.done("locked");
		this.writer.start();
		await().until(() -> !this.writer.isSettled() && isAnyoneWaitingForARow());
		await().until(() -> !isAnyoneWaitingForARow());
		long start = System.nanoTime();
		this.writer.done("a");
		await().pollInterval(Duration.ofMillis(5)).until(() -> this.harness.count() == 1);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(450));
	}

	@Test
	void aFailureThatStillWaitsForOthersIsSavedBeforeTheWriterEnds() throws Exception {
		UUID failed = this.harness.insert("Start", "failed");
		UUID done = this.harness.insert("Start", "done");
		this.writer.claimAll();
		this.writer.retry("failed");
		this.writer.done("done");
		this.writer.finish();
		this.writer.start();
		await().until(() -> !this.writer.isRunning());
		assertThat(this.harness.isGone(done)).isTrue();
		assertThat(this.harness.row(failed).lockedBy()).isNull();
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.DONE, 1, StepOutcome.RETRIED, 1));
	}

	@Test
	void aRowThatStaysLockedBeyondItsLeaseIsLost() throws Exception {
		this.writer.close();
		this.writer = new WriterHarness(this.database.dataSource(), Duration.ofSeconds(1));
		UUID locked = this.harness.insert("Start", "locked");
		this.writer.claimAll();
		this.session.lock(locked);
		this.writer.now("locked", MIDDLE);
		this.writer.start();
		await().until(this.writer::isSettled);
		this.session.commit();
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.LOST, 1));
		assertThat(this.writer.holdings().isEmpty()).isTrue();
		assertThat(this.harness.row(locked).step()).contains("Start");
	}

	@Test
	void aRowThatIsDeletedUnderItsLeaseIsLostAndCostsNoOther() throws Exception {
		UUID deleted = this.harness.insert("Start", "deleted");
		UUID stolen = this.harness.insert("Start", "stolen");
		this.harness.insert("Start", "a");
		this.writer.claimAll();
		this.harness.jdbc().sql("DELETE FROM pg_task WHERE id = ?").param(deleted).update();
		this.harness.jdbc().sql("UPDATE pg_task SET locked_by = gen_random_uuid() WHERE id = ?").param(stolen).update();
		this.writer.done("deleted");
		this.writer.done("stolen");
		this.writer.done("a");
		this.writer.start();
		await().until(this.writer::isSettled);
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.LOST, 2, StepOutcome.DONE, 1));
		assertThat(this.writer.counter().leasesLost()).isEqualTo(2);
		assertThat(this.harness.row(stolen).leased()).isTrue();
	}

	@Test
	void aDeadlockCostsNothing() throws Exception {
		// Shorter than the writer waits for a lock, so that it is the writer who is
		// chosen.
		this.harness.jdbc().sql("ALTER DATABASE " + this.database.name() + " SET deadlock_timeout = '300ms'").update();
		this.writer.close();
		this.writer = new WriterHarness(this.database.createPool(2), Duration.ofSeconds(30));
		this.session.execute("SET deadlock_timeout = '1min'");
		UUID done = this.harness.insert("Start", "done");
		UUID now = this.harness.insert("Start", "now");
		this.writer.claimAll();
		this.session.lock(now);
		this.writer.done("done");
		this.writer.now("now", MIDDLE);
		try (LogCapture capture = LogCapture.open(Level.DEBUG)) {
			this.writer.start();
			// The writer deletes one row first and then waits for the other.
			await().pollInterval(Duration.ofMillis(5)).until(this::isAnyoneWaitingForARow);
			this.session.lock(done);
			this.session.commit();
			await().until(this.writer::isSettled);
			assertThat(capture.lines(Level.DEBUG)).anyMatch((line) -> line.contains("deadlock detected"));
		}
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.DONE, 1, StepOutcome.NEXT, 1));
		assertThat(this.harness.row(now).step()).isEqualTo(MIDDLE);
	}

	@Test
	void everyOutcomeCountsOnceAlthoughTheAnswerToItsCommitIsLost() throws Exception {
		ForgetfulDataSource forgetful = new ForgetfulDataSource(this.database.createPool(4));
		this.writer.close();
		this.writer = new WriterHarness(forgetful, Duration.ofSeconds(30));
		for (String name : new String[] { "done", "now", "retry", "back" }) {
			this.harness.insert("Start", name);
		}
		this.writer.claimAll();
		this.writer.done("done");
		this.writer.now("now", MIDDLE);
		this.writer.retry("retry");
		this.writer.giveBack("back");
		forgetful.forget(2);
		try (LogCapture capture = LogCapture.open()) {
			this.writer.start();
			await().until(this.writer::isSettled);
			assertThat(capture.lines(Level.WARN)).noneMatch((line) -> line.contains("dropped"));
		}
		assertThat(forgetful.toForget()).isZero();
		assertThat(this.writer.counter().outcomes()).isEqualTo(
				Map.of(StepOutcome.DONE, 1, StepOutcome.NEXT, 1, StepOutcome.RETRIED, 1, StepOutcome.GIVEN_BACK, 1));
		assertThat(this.writer.counter().leasesLost()).isZero();
		assertThat(this.writer.next()).containsExactly(MIDDLE);
		assertThat(this.writer.released()).isEqualTo(1);
		assertThat(this.harness.count()).isEqualTo(3);
	}

	@Test
	void aFinishedTaskCountsAsDoneAlthoughTheAnswerIsLostWhileAnotherRowIsLocked() throws Exception {
		ForgetfulDataSource forgetful = new ForgetfulDataSource(this.database.createPool(4));
		this.writer.close();
		this.writer = new WriterHarness(forgetful, Duration.ofSeconds(30));
		UUID locked = this.harness.insert("Start", "locked");
		this.harness.insert("Start", "done");
		this.writer.claimAll();
		this.session.lock(locked);
		this.writer.done("locked");
		this.writer.done("done");
		forgetful.forget(1);
		this.writer.start();
		await().until(() -> this.harness.count() == 1 && forgetful.toForget() == 0);
		this.session.commit();
		await().until(this.writer::isSettled);
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.DONE, 2));
	}

	@Test
	void aTaskThatIsGoneForAnotherReasonIsNotCountedAsDone() throws Exception {
		UUID deleted = this.harness.insert("Start", "deleted");
		this.writer.claimAll();
		this.harness.jdbc().sql("DELETE FROM pg_task WHERE id = ?").param(deleted).update();
		this.writer.done("deleted");
		this.writer.start();
		await().until(this.writer::isSettled);
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.LOST, 1));
	}

	private boolean isAnyoneWaitingForARow() {
		return this.harness.jdbc().sql("""
				SELECT EXISTS (SELECT FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock')
				""").query(Boolean.class).single();
	}

}
