package io.pgtask.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionTemplate;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TransactionalSteps}: what a step has written when it fails, waits or
 * gives up by what it returns.
 */
@PostgresTest
class TransactionalFailureTests {

	private final WorkerHarness harness;

	private final DataSource dataSource;

	private final JdbcClient jdbc;

	TransactionalFailureTests(TestDatabase database) {
		this.dataSource = database.createPool(10);
		this.jdbc = JdbcClient.create(this.dataSource);
		this.harness = new WorkerHarness(database).transactional(TransactionSettings.DEFAULT, "start", "middle", "end");
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql("CREATE TABLE ledger (entry text)").update();
	}

	@BeforeEach
	void emptyTables() {
		this.harness.jdbc().sql("TRUNCATE pg_task, ledger").update();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void ofAFailedAttemptNothingStaysAndTheRetryIsRecorded() {
		this.harness.retry(1, Duration.ofDays(1)).start((state, context) -> {
			write("written in vain");
			throw new IllegalStateException("no luck");
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.row(id).tried() == 1);
		assertThat(this.harness.row(id)).satisfies((row) -> {
			assertThat(row.lastError()).isEqualTo("java.lang.IllegalStateException: no luck");
			assertThat(row.step()).contains("Start");
			assertThat(row.lockedBy()).isNull();
			assertThat(row.error()).isNull();
		});
		assertThat(ledger()).isEmpty();
	}

	@Test
	void aTransactionMarkedRollbackOnlyIsAFailedAttemptWithThatCause() {
		this.harness.start((state, context) -> {
			write("written in vain");
			TransactionTemplate inner = new TransactionTemplate(new JdbcTransactionManager(this.dataSource));
			inner.executeWithoutResult((status) -> status.setRollbackOnly());
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).contains("UnexpectedRollbackException")
			.contains("marked as rollback-only");
		assertThat(ledger()).isEmpty();
	}

	@Test
	void aStatementThatFailedAndWasIgnoredIsAFailedAttemptWithThatCause() {
		this.harness.start((state, context) -> {
			write("written in vain");
			try {
				this.jdbc.sql("SELECT 1 / 0").query().singleValue();
			}
			catch (RuntimeException ex) {
				return NextStep.now(new Journey.Middle(state.name()));
			}
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).contains("current transaction is aborted")
			.contains("division by zero");
		assertThat(ledger()).isEmpty();
	}

	@Test
	void aNextStateThatCannotBeWrittenRollsBackAndParksTheTask() {
		this.harness.retry(5, Duration.ZERO).start((state, context) -> {
			write("written in vain");
			return NextStep.now(new Journey.Middle("PostgreSQL has no text with \0"));
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).startsWith("can't serialize the next step");
		assertThat(ledger()).isEmpty();
	}

	@Test
	void aStepThatReturnsAfterItsTimeoutHasFailed() {
		this.harness
			.transactional(new TransactionSettings(Isolation.DEFAULT, Duration.ofMillis(500), false), "start", "middle")
			.start((state, context) -> {
				write("written in vain");
				long end = System.nanoTime() + Duration.ofMillis(1100).toNanos();
				await().pollDelay(Duration.ZERO).until(() -> System.nanoTime() > end);
				return NextStep.done();
			})
			.middle((state, context) -> {
				this.jdbc.sql("SELECT pg_sleep(20)").query().singleValue();
				return NextStep.done();
			});
		run();
		UUID late = this.harness.insert("Start", "late");
		UUID slow = this.harness.insert("Middle", "slow");
		await().until(() -> this.harness.isParked(late) && this.harness.isParked(slow));
		assertThat(this.harness.row(late).error()).contains("TransactionTimedOutException");
		assertThat(this.harness.row(slow).error()).contains("canceling statement due to user request");
		assertThat(ledger()).isEmpty();
	}

	@Test
	void aRetryAndAFailureForGoodRollBackWhatTheStepHasWrittenLikeAnException() {
		this.harness.retry(1, Duration.ofDays(1)).start((state, context) -> {
			write("written in vain");
			return NextStep.retry(new IOException("no luck"));
		}).middle((state, context) -> {
			write("written in vain");
			return NextStep.fail("no use");
		});
		run();
		UUID retried = this.harness.insert("Start", "a");
		UUID failed = this.harness.insert("Middle", "a");
		await().until(() -> this.harness.row(retried).tried() == 1 && this.harness.isParked(failed));
		assertThat(this.harness.row(retried).lastError()).isEqualTo("java.io.IOException: no luck");
		assertThat(this.harness.row(failed).error()).isEqualTo("no use");
		assertThat(ledger()).isEmpty();
	}

	@Test
	void comingBackLaterAndCancellingCommitWhatTheStepHasWritten() {
		this.harness.start((state, context) -> {
			write("came");
			return NextStep.later(Duration.ofDays(1), "asked for an answer");
		}).middle((state, context) -> {
			write("left");
			return NextStep.cancel("no answer");
		});
		run();
		UUID waiting = this.harness.insert("Start", "a");
		UUID cancelled = this.harness.insert("Middle", "a");
		await().until(() -> this.harness.isGone(cancelled) && this.harness.row(waiting).lockedBy() == null
				&& "asked for an answer".equals(this.harness.row(waiting).lastError()));
		assertThat(ledger()).containsExactlyInAnyOrder("came", "left");
		assertThat(this.harness.row(waiting).tried()).isZero();
		assertThat(this.harness.row(waiting).delivery()).isZero();
	}

	@Test
	void aStepThatHasComeBackTooOftenIsParkedAndWhatItWroteTheLastTimeRolledBack() {
		this.harness.start((state, context) -> {
			write("came");
			return NextStep.later(Duration.ZERO);
		});
		this.harness.run(WorkerHarness.QUICK,
				(builder) -> builder.failures(new FailureSettings(10, false, 2, Duration.ofSeconds(10))),
				this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(ledger()).containsExactly("came", "came");
	}

	@Test
	void aStepThatHoldsItsRowCanEndInEveryWay() {
		this.harness
			.transactional(new TransactionSettings(Isolation.REPEATABLE_READ, null, false), "start", "middle", "end")
			.retry(1, Duration.ofDays(1))
			.start((state, context) -> state.name().equals("later") ? NextStep.later(Duration.ofDays(1))
					: NextStep.retry(new IOException("no luck")))
			.middle((state, context) -> NextStep.fail("no use"))
			.end((state, context) -> NextStep.cancel("no need"));
		run();
		UUID later = this.harness.insert("Start", "later");
		UUID retried = this.harness.insert("Start", "retry");
		UUID failed = this.harness.insert("Middle", "a");
		UUID cancelled = this.harness.insert("End", "a");
		await().until(() -> this.harness.isGone(cancelled) && this.harness.isParked(failed)
				&& this.harness.row(retried).tried() == 1 && postponed(later) == 1);
	}

	@Test
	void aTransactionalStepThatIgnoresItsTimeoutIsRolledBackWhenItEnds() {
		StubbornStep stubborn = new StubbornStep();
		this.harness.timeout(Duration.ofMillis(200)).start((state, context) -> {
			write("written in vain");
			stubborn.run();
			return NextStep.done();
		});
		this.harness.run(WorkerHarness.QUICK,
				(builder) -> builder.failures(new FailureSettings(10, false, 2, Duration.ofMillis(200))),
				this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id).error()).contains("StepTimeoutException");
		stubborn.end();
		await().until(stubborn::hasEnded);
		await().during(Duration.ofMillis(300)).until(() -> ledger().isEmpty() && this.harness.isParked(id));
	}

	private void run() {
		this.harness.run(WorkerHarness.QUICK, this.dataSource);
	}

	private int postponed(UUID id) {
		return this.harness.jdbc()
			.sql("SELECT COALESCE(postponed, 0) FROM pg_task WHERE id = ?")
			.param(id)
			.query(Integer.class)
			.single();
	}

	private void write(String entry) {
		this.jdbc.sql("INSERT INTO ledger (entry) VALUES (?)").param(entry).update();
	}

	private List<String> ledger() {
		return this.harness.jdbc().sql("SELECT entry FROM ledger").query(String.class).list();
	}

}
