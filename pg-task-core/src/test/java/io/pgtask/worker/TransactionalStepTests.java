package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.TaskClient;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for transactional steps: what they write is there exactly once, together with
 * their transition, or not at all.
 */
@PostgresTest
class TransactionalStepTests {

	private static final String LEDGER = """
			CREATE TABLE IF NOT EXISTS ledger (n bigserial, entry text, xact xid8 DEFAULT pg_current_xact_id());
			CREATE TABLE IF NOT EXISTS transitions (task uuid, xact xid8 DEFAULT pg_current_xact_id());
			CREATE OR REPLACE FUNCTION record_transition() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				INSERT INTO transitions (task) VALUES (OLD.id);
				RETURN NULL;
			END $$;
			CREATE OR REPLACE TRIGGER record_next AFTER UPDATE OF step ON pg_task FOR EACH ROW
			WHEN (OLD.step IS DISTINCT FROM NEW.step) EXECUTE FUNCTION record_transition();
			CREATE OR REPLACE TRIGGER record_end AFTER DELETE ON pg_task FOR EACH ROW
			EXECUTE FUNCTION record_transition();
			""";

	private static final String SAME_TRANSACTION = """
			SELECT count(*) FROM ledger JOIN transitions USING (xact)
			""";

	private final WorkerHarness harness;

	private final DataSource dataSource;

	/** What a step uses: it takes part in the transaction of its thread. */
	private final JdbcClient jdbc;

	TransactionalStepTests(TestDatabase database) {
		this.dataSource = database.createPool(10);
		this.jdbc = JdbcClient.create(this.dataSource);
		this.harness = new WorkerHarness(database).transactional(TransactionSettings.DEFAULT, "start", "middle", "end");
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql(LEDGER).update();
	}

	@BeforeEach
	void emptyTables() {
		this.harness.jdbc().sql("TRUNCATE pg_task, ledger, transitions").update();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void whatStepsWriteIsCommittedInTheTransactionOfTheirTransition() {
		this.harness.start((state, context) -> {
			write(state.name() + " started");
			return NextStep.now(new Journey.Middle(state.name()));
		}).middle((state, context) -> {
			write(state.name() + " on its way");
			return NextStep.delay(new Journey.End(state.name()), Duration.ofMillis(1));
		}).end((state, context) -> {
			write(state.name() + " ended");
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("a started", "a on its way", "a ended");
		assertThat(this.jdbc.sql(SAME_TRANSACTION).query(Integer.class).single()).isEqualTo(3);
	}

	@Test
	void retriesApplyTheStepOnce() {
		this.harness.retry(3, Duration.ZERO).start((state, context) -> {
			write("attempt " + context.attempt());
			if (context.attempt() <= 3) {
				throw new java.io.IOException("not yet");
			}
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("attempt 4");
	}

	@Test
	void tasksEnqueuedByTheStepAreCommittedWithIt() {
		this.harness.retry(1, Duration.ZERO).start((state, context) -> {
			client().enqueue(new Journey.Middle("of attempt " + context.attempt()));
			if (context.attempt() == 1) {
				throw new IllegalStateException("once");
			}
			return NextStep.done();
		}).middle((state, context) -> {
			write(state.name());
			return NextStep.done();
		});
		run();
		this.harness.insert("Start", "a");
		await().until(() -> ledger().size() == 1 && this.harness.count() == 0);
		assertThat(ledger()).containsExactly("of attempt 2");
	}

	@Test
	void theIsolationLevelIsThatOfTheAnnotation() {
		for (Isolation isolation : List.of(Isolation.READ_COMMITTED, Isolation.REPEATABLE_READ,
				Isolation.SERIALIZABLE)) {
			this.harness.transactional(new TransactionSettings(isolation, null, false), "start")
				.start((state, context) -> {
					write(setting("transaction_isolation"));
					return NextStep.done();
				});
			Worker worker = run();
			UUID id = this.harness.insert("Start", "a");
			await().until(() -> this.harness.isGone(id));
			worker.stop().join();
		}
		assertThat(ledger()).containsExactly("read committed", "repeatable read", "serializable");
	}

	@Test
	void aReadOnlyStepReadsAndGoesOnButCannotWrite() {
		this.harness.transactional(new TransactionSettings(Isolation.REPEATABLE_READ, null, true), "start", "end")
			.start((state, context) -> {
				String readOnly = setting("transaction_read_only");
				return NextStep.now(new Journey.Middle(readOnly));
			})
			.middle((state, context) -> {
				write(state.name());
				return NextStep.done();
			})
			.end((state, context) -> {
				write("written in vain");
				return NextStep.done();
			});
		run();
		UUID reader = this.harness.insert("Start", "a");
		UUID writer = this.harness.insert("End", "a");
		await().until(() -> this.harness.isGone(reader) && this.harness.isParked(writer));
		assertThat(this.harness.row(writer).error()).contains("read-only transaction");
		assertThat(ledger()).containsExactly("on");
	}

	@Test
	void aTaskThatGoesOnAtOnceIsClaimedOnce() {
		List<Integer> claims = new CopyOnWriteArrayList<>();
		OutcomeCounter counter = new OutcomeCounter();
		WorkerEvents events = new WorkerEvents() {

			@Override
			public void claimed(int tasks) {
				if (tasks > 0) {
					claims.add(tasks);
				}
			}

			@Override
			public void finished(String taskType, String step, StepOutcome outcome, Duration duration) {
				counter.finished(taskType, step, outcome, duration);
			}

		};
		this.harness.start((state, context) -> NextStep.now(new Journey.Middle(state.name())))
			.middle((state, context) -> NextStep.now(new Journey.End(state.name())));
		this.harness.run(WorkerHarness.QUICK.withConcurrency(1), (builder) -> builder.events(events), this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id) && counter.outcomes().containsKey(StepOutcome.DONE));
		assertThat(claims).containsExactly(1);
		assertThat(counter.outcomes()).containsEntry(StepOutcome.NEXT, 2).containsEntry(StepOutcome.DONE, 1).hasSize(2);
	}

	@Test
	void interceptorsRunInsideTheTransaction() {
		this.harness.start((state, context) -> NextStep.done());
		this.harness.run(WorkerHarness.QUICK, (builder) -> builder.interceptors(List.of((invocation) -> {
			write("intercepted");
			return invocation.proceed();
		})), this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(this.jdbc.sql(SAME_TRANSACTION).query(Integer.class).single()).isEqualTo(1);
	}

	@Test
	void whatFailsBehindTheCommitDoesNotUndoTheStep() {
		AtomicInteger runs = new AtomicInteger();
		this.harness.retry(5, Duration.ZERO).start((state, context) -> {
			runs.incrementAndGet();
			write("once");
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCommit() {
					throw new IllegalStateException("too late");
				}

			});
			return NextStep.now(new Journey.Middle(state.name()));
		}).middle((state, context) -> {
			write("attempt " + context.attempt() + ", delivery " + context.delivery());
			return NextStep.done();
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("once", "attempt 1, delivery 1");
		assertThat(runs).hasValue(1);
	}

	@Test
	void whatHappensAtTheCommitFindsTheSettingsOfTheApplication() {
		this.harness.start((state, context) -> {
			this.jdbc.sql("SET LOCAL lock_timeout = '7s'").update();
			this.jdbc.sql("SET LOCAL enable_nestloop = on").update();
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void beforeCommit(boolean readOnly) {
					List.of("lock_timeout", "enable_seqscan", "enable_nestloop", "jit")
						.forEach((name) -> write(setting(name)));
				}

			});
			return NextStep.now(new Journey.Middle(state.name()));
		});
		run();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(ledger()).containsExactly("7s", "on", "on", setting("jit"));
	}

	private Worker run() {
		return this.harness.run(WorkerHarness.QUICK, this.dataSource);
	}

	private void write(String entry) {
		this.jdbc.sql("INSERT INTO ledger (entry) VALUES (?)").param(entry).update();
	}

	private List<String> ledger() {
		return this.harness.jdbc().sql("SELECT entry FROM ledger ORDER BY n").query(String.class).list();
	}

	private String setting(String name) {
		return this.jdbc.sql("SELECT current_setting(?)").param(name).query(String.class).single();
	}

	private TaskClient client() {
		return new JdbcTaskClient(this.dataSource, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()), List.of(),
				new Wakeups(this.dataSource));
	}

}
