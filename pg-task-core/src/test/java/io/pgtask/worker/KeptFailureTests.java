package io.pgtask.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import io.pgtask.FailedAttempt;
import io.pgtask.NextStep;
import io.pgtask.TaskAdmin;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Worker}: what is kept of failed attempts.
 */
@TaskTableTest
class KeptFailureTests {

	private final WorkerHarness harness;

	private final Wakeups wakeups;

	private final TaskAdmin admin;

	KeptFailureTests(TestDatabase database) {
		this.harness = new WorkerHarness(database);
		this.wakeups = new Wakeups(database.dataSource());
		this.admin = new JdbcTaskAdmin(database.dataSource(), TaskTable.inSearchPath(), this.wakeups);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
		this.wakeups.close();
	}

	@Test
	void theTextOfEveryFailedAttemptIsKeptWithItsCircumstances() {
		this.harness.retry(2, Duration.ofMillis(10)).start((state, context) -> {
			throw new IllegalStateException("attempt " + context.attempt(), new IOException("the cause"));
		});
		Worker worker = this.harness.run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		List<FailedAttempt> failures = failures(id);
		assertThat(failures).extracting(FailedAttempt::attempt).containsExactly(1, 2, 3);
		assertThat(failures).extracting(FailedAttempt::delivery).containsExactly(1, 2, 3);
		assertThat(failures).extracting(FailedAttempt::error)
			.containsExactlyElementsOf(IntStream.rangeClosed(1, 3)
				.mapToObj((attempt) -> "java.lang.IllegalStateException: attempt " + attempt
						+ ": java.io.IOException: the cause")
				.toList());
		assertThat(failures).extracting(FailedAttempt::worker).containsOnly(worker.status().workerId());
		assertThat(failures).extracting(FailedAttempt::at).isSorted();
		assertThat(failures).allSatisfy((failure) -> {
			assertThat(failure.took()).isLessThan(Duration.ofMinutes(1));
			assertThat(failure.stackTrace()).isNull();
		});
		assertThat(this.admin.find(id).orElseThrow().updatedAt()).as("by the database's clock")
			.isEqualTo(failures.get(2).at());
	}

	@Test
	void theFirstAndTheNewestAttemptsAreKeptAndNoMoreThanConfigured() {
		this.harness.retry(6, Duration.ZERO).start((state, context) -> {
			throw new IOException("attempt " + context.attempt());
		});
		run(new FailureSettings(3, false, 1, Duration.ofSeconds(1)));
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(failures(id)).extracting(FailedAttempt::attempt).containsExactly(1, 6, 7);
	}

	@Test
	void nothingIsKeptWhereNothingIsWanted() {
		this.harness.start((state, context) -> {
			throw new IOException("no luck");
		});
		run(new FailureSettings(0, true, 1, Duration.ofSeconds(1)));
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(failures(id)).isEmpty();
	}

	@Test
	void theStackTraceIsKeptWhereConfiguredAndCutLikeAVeryLongMessage() {
		this.harness.start((state, context) -> {
			Throwable chain = new IOException("x".repeat(20_000));
			for (int i = 0; i < 20_000; i++) {
				chain = new IllegalStateException("link", chain);
			}
			throw new IllegalStateException("a chain without end", chain);
		}).middle((state, context) -> {
			throw new IOException("x".repeat(20_000));
		});
		run(new FailureSettings(10, true, 1, Duration.ofSeconds(1)));
		UUID endless = this.harness.insert("Start", "a");
		UUID longOne = this.harness.insert("Middle", "a");
		await().until(() -> this.harness.isParked(endless) && this.harness.isParked(longOne));
		assertThat(failures(endless)).singleElement().satisfies((failure) -> {
			assertThat(failure.error()).startsWith("java.lang.IllegalStateException: a chain").hasSize(2_001);
			assertThat(failure.stackTrace()).contains(getClass().getName()).hasSizeBetween(7_000, 8_001);
		});
		assertThat(failures(longOne)).singleElement()
			.satisfies((failure) -> assertThat(failure.error()).startsWith("java.io.IOException: xxx").hasSize(2_001));
	}

	@Test
	void whatWasKeptIsStillThereWhenSomebodyRetriesAParkedTask() {
		this.harness.start((state, context) -> {
			throw new IOException("no luck");
		});
		this.harness.run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		this.harness.jdbc().sql("UPDATE pg_task SET error = NULL").update();
		await().until(() -> this.harness.isParked(id) && failures(id).size() == 2);
		assertThat(failures(id)).extracting(FailedAttempt::attempt).containsExactly(1, 1);
	}

	@Test
	void whatSomebodyElseHasWrittenThereIsNoObstacle() {
		this.harness.start((state, context) -> {
			throw new IOException("no luck");
		});
		UUID id = this.harness.insert("Start", "a");
		this.harness.jdbc().sql("UPDATE pg_task SET failures = '{\"not\": \"ours\"}'").update();
		this.harness.run();
		await().until(() -> this.harness.isParked(id));
		assertThat(failures(id)).extracting(FailedAttempt::error).containsExactly("java.io.IOException: no luck");
	}

	@Test
	void aNextStateThatCannotBeWrittenIsAFailedAttemptLikeOthers() {
		this.harness.start((state, context) -> NextStep.now(new Journey.Middle("PostgreSQL has no text with \0")));
		this.harness.run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(failures(id)).singleElement()
			.satisfies((failure) -> assertThat(failure.error()).startsWith("can't serialize the next step"));
	}

	private void run(FailureSettings settings) {
		this.harness.run(WorkerHarness.QUICK, (builder) -> builder.failures(settings));
	}

	private List<FailedAttempt> failures(UUID id) {
		return this.admin.find(id).orElseThrow().failures();
	}

}
