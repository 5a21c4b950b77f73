package io.pgtask.worker;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: what others do to the database while it works.
 */
@TaskTableTest
class MeddlingTests {

	private static final int TASKS = 500;

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final RunLog log = new RunLog();

	MeddlingTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
		this.harness.jdbc()
			.sql("ALTER DATABASE " + this.database.name() + " RESET default_transaction_isolation")
			.update();
	}

	@Test
	void anyTransactionIsolationTheApplicationIsUsedToWillDo() {
		this.harness.jdbc()
			.sql("ALTER DATABASE " + this.database.name() + " SET default_transaction_isolation = 'serializable'")
			.update();
		this.log.record(this.harness, () -> TimeUnit.MILLISECONDS.sleep(1));
		this.harness.insertMany(TASKS);
		try (LogCapture capture = LogCapture.open()) {
			this.harness.run();
			this.harness.run();
			awaitEnd();
			assertThat(capture.lines(Level.WARN)).isEmpty();
		}
		assertThat(this.log.repeated()).isEmpty();
		assertThat(this.log.distinct()).isEqualTo(3 * TASKS);
	}

	@Test
	void statementsThatSomeoneCancelsAreRepeated() {
		this.log.record(this.harness, () -> TimeUnit.MILLISECONDS.sleep(1));
		this.harness.insertMany(TASKS);
		this.harness.run();
		AtomicInteger cancelled = new AtomicInteger();
		await().pollInterval(Duration.ofMillis(5)).until(() -> {
			cancelled.addAndGet(this.harness.jdbc().sql("""
					SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity
					WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
					""").query(Integer.class).single());
			return cancelled.get() > 8;
		});
		awaitEnd();
		assertThat(this.log.repeated()).isEmpty();
		assertThat(this.log.distinct()).isEqualTo(3 * TASKS);
	}

	@Test
	void aWorkerThatClaimsItsOwnTaskAgainSavesOnlyWhatTheNewClaimReturns() throws Exception {
		CountDownLatch firstReturned = new CountDownLatch(1);
		CountDownLatch secondStarted = new CountDownLatch(1);
		this.harness.start((state, context) -> {
			if (context.delivery() == 1) {
				awaitStubbornly(secondStarted);
				firstReturned.countDown();
				return NextStep.now(new Journey.Middle("from the first claim"));
			}
			secondStarted.countDown();
			firstReturned.await();
			return NextStep.delay(new Journey.Middle("from the second claim"), Duration.ofHours(1));
		});
		Worker worker = this.harness.run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> worker.status().running() == 1);
		UUID firstToken = this.harness.row(id).lockedBy();
		this.harness.jdbc()
			.sql("UPDATE pg_task SET lock_expires_at = statement_timestamp() - interval '1 s' WHERE id = ?")
			.param(id)
			.update();
		worker.wake();
		assertThat(secondStarted.await(10, TimeUnit.SECONDS)).isTrue();
		UUID secondToken = this.harness.row(id).lockedBy();
		await().until(() -> this.harness.row(id).step().contains("Middle"));
		assertThat(this.harness.row(id).step()).contains("from the second claim");
		assertThat(worker.status().workerId()).as("the worker of both claims").isEqualTo(upperHalf(firstToken));
		assertThat(secondToken).isNotEqualTo(firstToken);
		assertThat(upperHalf(secondToken)).isEqualTo(upperHalf(firstToken));
	}

	private static String upperHalf(@Nullable UUID token) {
		return String.valueOf(token).replace("-", "").substring(0, 16);
	}

	private static void awaitStubbornly(CountDownLatch latch) {
		boolean done = false;
		while (!done) {
			try {
				done = latch.await(20, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				// A step that does not care.
			}
		}
	}

	private void awaitEnd() {
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.count() == 0);
	}

}
