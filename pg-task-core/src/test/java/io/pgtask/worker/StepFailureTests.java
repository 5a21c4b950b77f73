package io.pgtask.worker;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import io.pgtask.Backoff;
import io.pgtask.FatalStepException;
import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.core.retry.RetryPolicy;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Worker}: steps that fail, wait or give up by what they return, and
 * what decides whether they are retried.
 */
@TaskTableTest
class StepFailureTests {

	private final WorkerHarness harness;

	private final OutcomeCounter counter = new OutcomeCounter();

	StepFailureTests(TestDatabase database) {
		this.harness = new WorkerHarness(database);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void aStepThatAsksForARetryUsesAnAttemptAndIsParkedWhenNoneIsLeft() {
		this.harness.retry(2, Duration.ofMillis(10))
			.start((state, context) -> NextStep.retry(new IOException("attempt " + context.attempt())));
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).tried()).isEqualTo(3);
		assertThat(this.harness.row(id).error()).isEqualTo("java.io.IOException: attempt 3");
		await().until(() -> this.counter.outcomes().getOrDefault(StepOutcome.ERRORED, 0) == 1);
		assertThat(this.counter.outcomes()).containsEntry(StepOutcome.RETRIED, 2);
	}

	@Test
	void everyRetryWaitsForTheDelayOfItsAttempt() {
		this.harness
			.retry(new RetrySettings(3, Backoff.EXPONENTIAL, Duration.ofHours(1), 2.0, Duration.ofHours(3), 0.0,
					Set.of(), Set.of(), null))
			.start((state, context) -> {
				throw new IOException("attempt " + context.attempt());
			});
		run();
		UUID id = this.harness.insert("Start", "a");
		for (int hours : List.of(1, 2, 3)) {
			await().until(() -> matches(id, "wakeup_at = updated_at + interval '" + hours + " hours'"));
			this.harness.jdbc().sql("UPDATE pg_task SET wakeup_at = now()").update();
			this.harness.jdbc().sql("SELECT pg_notify('pg_task_changed', '')").query().singleRow();
		}
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).tried()).isEqualTo(4);
	}

	@Test
	void aRetryAfterAChosenDelayOrAtAChosenInstantUsesAnAttempt() {
		Instant instant = Instant.parse("2999-01-02T03:04:05.123456Z");
		this.harness.retry(1, Duration.ZERO)
			.start((state, context) -> NextStep.retry(new IOException("no luck"), Duration.ofHours(3)))
			.middle((state, context) -> NextStep.retry(new IOException("no luck"), instant))
			.end((state, context) -> NextStep.retry(new IOException("attempt " + context.attempt()), Duration.ZERO));
		run();
		UUID delayed = this.harness.insert("Start", "a");
		UUID dated = this.harness.insert("Middle", "a");
		UUID exhausted = this.harness.insert("End", "a");
		await().until(() -> this.harness.isParked(exhausted) && this.harness.row(delayed).tried() == 1
				&& this.harness.row(dated).tried() == 1);
		assertThat(this.harness.row(exhausted).error()).isEqualTo("java.io.IOException: attempt 2");
		assertThat(matches(delayed, "wakeup_at = updated_at + interval '3 hours' AND last_error LIKE '%no luck'"))
			.isTrue();
		assertThat(matches(dated, "wakeup_at = '" + instant + "'")).isTrue();
	}

	@Test
	void aStepThatComesBackLaterUsesNoAttemptAndIsCounted() {
		List<String> calls = new CopyOnWriteArrayList<>();
		this.harness.start((state, context) -> {
			calls.add(context.attempt() + "/" + context.delivery());
			return (calls.size() <= 3) ? NextStep.later(Duration.ofMillis(10), "not ready yet")
					: NextStep.later(Duration.ofHours(1));
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> matches(id, "postponed = 4 AND locked_by IS NULL"));
		assertThat(calls).containsExactly("1/1", "1/1", "1/1", "1/1");
		assertThat(this.harness.row(id).tried()).isZero();
		assertThat(this.harness.row(id).lastError()).as("the reason given last").isEqualTo("not ready yet");
		await().until(() -> this.counter.outcomes().getOrDefault(StepOutcome.POSTPONED, 0) == 4);
	}

	@Test
	void aStepThatComesBackTooOftenIsParkedWithAMessageThatSaysSo() {
		AtomicInteger calls = new AtomicInteger();
		this.harness.start((state, context) -> {
			calls.incrementAndGet();
			return NextStep.later(Duration.ZERO, "the third party is asleep");
		});
		this.harness.run(WorkerHarness.QUICK,
				(builder) -> builder.failures(new FailureSettings(10, false, 3, Duration.ofSeconds(10))));
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(calls).hasValue(4);
		assertThat(this.harness.row(id).tried()).isZero();
		assertThat(this.harness.row(id).error()).startsWith("postponed 3 times without an attempt")
			.contains("pg-task.failures.max-postponed", "the third party is asleep", "Set \"error\" to NULL");
		this.harness.jdbc().sql("UPDATE pg_task SET error = NULL").update();
		await().until(() -> calls.get() == 8 && this.harness.isParked(id));
	}

	@Test
	void whatWasCountedForAStepIsForgottenWithTheNextOne() {
		Set<String> putOff = ConcurrentHashMap.newKeySet();
		this.harness.retry(1, Duration.ZERO).start((state, context) -> {
			if (context.attempt() == 1) {
				throw new IOException("once");
			}
			if (putOff.add(state.name())) {
				return NextStep.later(Duration.ZERO);
			}
			return (state.name().equals("now")) ? NextStep.now(new Journey.Middle("a"))
					: NextStep.delay(new Journey.Middle("a"), Duration.ZERO);
		}).middle((state, context) -> NextStep.later(Duration.ofHours(1)));
		run();
		UUID now = this.harness.insert("Start", "now");
		UUID delayed = this.harness.insert("Start", "delay");
		String forgotten = "postponed = 1 AND tried = 0 AND failures IS NULL AND last_error IS NULL";
		await().until(() -> matches(now, forgotten) && matches(delayed, forgotten));
	}

	@Test
	void aStepThatFailsForGoodIsParkedAtOnceWhateverRetriesAreLeft() {
		this.harness.retry(9, Duration.ZERO)
			.start((state, context) -> NextStep.fail("the card has expired"))
			.middle((state, context) -> {
				throw new IllegalStateException("wrapped", new FatalStepException("the card is stolen"));
			})
			.end((state, context) -> NextStep.fail("the bank says no", new IOException("403")));
		run();
		UUID returned = this.harness.insert("Start", "a");
		UUID thrown = this.harness.insert("Middle", "a");
		UUID caused = this.harness.insert("End", "a");
		await().until(() -> this.harness.isParked(returned) && this.harness.isParked(thrown)
				&& this.harness.isParked(caused));
		assertThat(this.harness.row(returned).error()).isEqualTo("the card has expired");
		assertThat(this.harness.row(returned).tried()).isEqualTo(1);
		assertThat(this.harness.row(thrown).error()).endsWith("FatalStepException: the card is stolen");
		assertThat(this.harness.row(thrown).tried()).isEqualTo(1);
		assertThat(this.harness.row(caused).error()).isEqualTo("the bank says no: java.io.IOException: 403");
	}

	@Test
	void onlyFailuresThatAreNamedAreRetried() {
		this.harness
			.retry(new RetrySettings(1, Backoff.CONSTANT, Duration.ZERO, 1.0, null, 0.0, Set.of(IOException.class),
					Set.of(FileNotFoundException.class), null))
			.start((state, context) -> {
				throw new IllegalStateException(new IOException());
			})
			.middle((state, context) -> {
				throw new IOException(new FileNotFoundException());
			})
			.end((state, context) -> {
				throw new IllegalStateException();
			});
		run();
		List<UUID> ids = List.of(this.harness.insert("Start", "a"), this.harness.insert("Middle", "a"),
				this.harness.insert("End", "a"));
		await().until(() -> ids.stream().allMatch(this.harness::isParked));
		assertThat(ids).extracting((id) -> this.harness.row(id).tried()).containsExactly(2, 1, 1);
	}

	@Test
	void aRetryPolicyOfTheApplicationDecides() {
		this.harness.retry(RetrySettings.of(RetryPolicy.builder()
			.maxRetries(2)
			.delay(Duration.ofMillis(5))
			.excludes(FileNotFoundException.class)
			.build())).start((state, context) -> {
				throw new IOException("retried");
			}).middle((state, context) -> {
				throw new FileNotFoundException("not retried");
			});
		run();
		UUID retried = this.harness.insert("Start", "a");
		UUID refused = this.harness.insert("Middle", "a");
		await().until(() -> this.harness.isParked(retried) && this.harness.isParked(refused));
		assertThat(this.harness.row(retried).tried()).isEqualTo(3);
		assertThat(this.harness.row(refused).tried()).isEqualTo(1);
	}

	@Test
	void aRetryPolicyThatFailsItselfParksTheTaskWithBothFailures() {
		this.harness.retry(RetrySettings.of((failure) -> {
			throw new UnsupportedOperationException("no idea");
		})).start((state, context) -> {
			throw new IOException("no luck");
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).startsWith("the retry policy failed")
			.contains("no idea", "java.io.IOException: no luck");
	}

	@Test
	void aStepThatCancelsItsTaskEndsItWithoutBeingDone() {
		this.harness.start((state, context) -> NextStep.cancel("the customer has left"));
		try (LogCapture log = LogCapture.open()) {
			run();
			UUID id = this.harness.insert("Start", "a");
			await().until(() -> this.harness.isGone(id) && this.counter.outcomes().containsKey(StepOutcome.CANCELLED));
			assertThat(this.counter.outcomes()).doesNotContainKey(StepOutcome.DONE);
			assertThat(log.lines(Level.INFO))
				.anyMatch((line) -> line.contains(id.toString()) && line.contains("has left"));
		}
	}

	private void run() {
		this.harness.run(WorkerHarness.QUICK, (builder) -> builder.events(this.counter));
	}

	private boolean matches(UUID id, String condition) {
		return this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE id = ? AND " + condition)
			.param(id)
			.query(Integer.class)
			.single() == 1;
	}

}
