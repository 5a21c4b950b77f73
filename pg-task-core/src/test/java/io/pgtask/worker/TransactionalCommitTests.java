package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import io.pgtask.NextStep;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for transactional steps whose transaction fails because of others, at its commit,
 * or together with its connection.
 */
@PostgresTest
class TransactionalCommitTests {

	private static final WorkerSettings SHORT_LEASE = WorkerHarness.QUICK.withLease(Duration.ofSeconds(2),
			Duration.ofMillis(500));

	private final WorkerHarness harness;

	private final BreakingCommits dataSource;

	private final JdbcClient jdbc;

	TransactionalCommitTests(TestDatabase database) {
		this.dataSource = new BreakingCommits(database.createPool(10));
		this.jdbc = JdbcClient.create(this.dataSource);
		this.harness = new WorkerHarness(database).transactional(TransactionSettings.DEFAULT, "start", "middle", "end");
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql("""
				CREATE TABLE ledger (n bigserial, entry text);
				CREATE TABLE customer (id int PRIMARY KEY);
				CREATE TABLE invoice (customer int REFERENCES customer DEFERRABLE INITIALLY DEFERRED);
				CREATE TABLE account (id int PRIMARY KEY, balance int);
				""").update();
	}

	@BeforeEach
	void emptyTables() {
		this.harness.jdbc().sql("TRUNCATE pg_task, ledger, invoice, customer, account").update();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void aDeferredConstraintThatIsViolatedAtTheCommitIsAFailedAttemptWithThatCause() {
		this.harness.retry(1, Duration.ZERO).start((state, context) -> {
			write("attempt " + context.attempt());
			this.jdbc.sql("INSERT INTO invoice VALUES (1)").update();
			return NextStep.now(new Journey.Middle(state.name()));
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(id));
		assertThat(this.harness.row(id)).satisfies((row) -> {
			assertThat(row.error()).contains("violates foreign key constraint");
			assertThat(row.tried()).isEqualTo(2);
			assertThat(row.step()).contains("Start");
		});
		assertThat(ledger()).isEmpty();
	}

	@Test
	void aDeferredConstraintThatIsMendedBeforeTheRetryLetsTheStepGoOn() {
		this.harness.retry(1, Duration.ZERO).start((state, context) -> {
			write("attempt " + context.attempt());
			this.jdbc.sql("INSERT INTO invoice VALUES (1)").update();
			if (context.attempt() == 2) {
				this.jdbc.sql("INSERT INTO customer VALUES (1)").update();
			}
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("attempt 2");
	}

	@Test
	void aSerializationFailureIsAFailedAttemptAndItsRetrySeesWhatTheOtherHasDone() {
		CyclicBarrier bothHaveRead = new CyclicBarrier(2);
		this.harness.transactional(new TransactionSettings(Isolation.SERIALIZABLE, null, false), "start")
			.retry(5, Duration.ZERO)
			.start((state, context) -> {
				int seen = this.jdbc.sql("SELECT count(*) FROM ledger").query(Integer.class).single();
				if (context.attempt() == 1) {
					bothHaveRead.await(20, TimeUnit.SECONDS);
				}
				write("saw " + seen);
				return NextStep.done();
			});
		run();
		this.harness.insert("Start", "a");
		this.harness.insert("Start", "b");
		await().until(() -> this.harness.count() == 0);
		assertThat(ledger()).containsExactly("saw 0", "saw 1");
	}

	@Test
	void aDeadlockEndsInARetryOfTheOneThatWasChosen() {
		this.harness.jdbc().sql("INSERT INTO account VALUES (1, 0), (2, 0)").update();
		CyclicBarrier bothHoldOne = new CyclicBarrier(2);
		this.harness.retry(5, Duration.ZERO).start((state, context) -> {
			boolean forward = state.name().equals("forward");
			add(forward ? 1 : 2);
			if (context.attempt() == 1) {
				bothHoldOne.await(20, TimeUnit.SECONDS);
			}
			add(forward ? 2 : 1);
			write("attempt " + context.attempt());
			return NextStep.done();
		});
		run();
		this.harness.insert("Start", "forward");
		this.harness.insert("Start", "backward");
		await().until(() -> this.harness.count() == 0);
		assertThat(this.harness.jdbc().sql("SELECT balance FROM account").query(Integer.class).list())
			.containsExactly(2, 2);
		assertThat(ledger()).contains("attempt 1").hasSize(2).isNotEqualTo(List.of("attempt 1", "attempt 1"));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aConnectionThatBreaksDuringTheCommitNeitherLosesNorRepeatsAnything(boolean committed) {
		this.harness.start((state, context) -> {
			breakFirst(context.delivery(), committed);
			write("Start, attempt " + context.attempt());
			return NextStep.now(new Journey.Middle(state.name()));
		}).middle((state, context) -> {
			breakFirst(context.delivery(), committed);
			write("Middle, attempt " + context.attempt());
			return NextStep.delay(new Journey.End(state.name()), Duration.ofMillis(1));
		}).end((state, context) -> {
			breakFirst(context.delivery(), committed);
			write("End, attempt " + context.attempt());
			return NextStep.done();
		});
		this.harness.run(SHORT_LEASE, this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("Start, attempt 1", "Middle, attempt 1", "End, attempt 1");
	}

	@Test
	void aConnectionThatBreaksWhileTheStepRunsIsAFailedAttempt() {
		this.harness.retry(1, Duration.ZERO).start((state, context) -> {
			write("attempt " + context.attempt());
			if (context.attempt() == 1) {
				this.jdbc.sql("SELECT pg_terminate_backend(pg_backend_pid())").query().singleValue();
			}
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("attempt 2");
	}

	/** The first delivery of a step loses its connection; the second does not. */
	private void breakFirst(int delivery, boolean committed) {
		if (delivery == 1) {
			this.dataSource.breakNext(committed);
		}
	}

	private Worker run() {
		return this.harness.run(WorkerHarness.QUICK, this.dataSource);
	}

	private void write(String entry) {
		this.jdbc.sql("INSERT INTO ledger (entry) VALUES (?)").param(entry).update();
	}

	private void add(int account) {
		this.jdbc.sql("UPDATE account SET balance = balance + 1 WHERE id = ?").param(account).update();
	}

	private List<String> ledger() {
		return this.harness.jdbc().sql("SELECT entry FROM ledger ORDER BY n").query(String.class).list();
	}

}
