package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import io.pgtask.CheckpointOption;
import io.pgtask.LeaseLostException;
import io.pgtask.NextStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for checkpoints that are part of a transaction of the step: a long step in many
 * transactions, each of which is applied once.
 */
@PostgresTest
class JoinedCheckpointTests {

	private static final int CHUNKS = 10;

	private final WorkerHarness harness;

	private final DataSource dataSource;

	private final JdbcClient jdbc;

	private final TransactionTemplate transaction;

	private final List<String> seen = new CopyOnWriteArrayList<>();

	JoinedCheckpointTests(TestDatabase database) {
		this.dataSource = database.createPool(10);
		this.jdbc = JdbcClient.create(this.dataSource);
		this.transaction = new TransactionTemplate(new JdbcTransactionManager(this.dataSource));
		this.harness = new WorkerHarness(database);
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql("CREATE TABLE ledger (n bigserial, entry text)").update();
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
	void everyPartOfALongStepIsAppliedOnceHoweverOftenTheStepFails() {
		this.harness.retry(2 * CHUNKS, Duration.ZERO).start((state, context) -> {
			for (int chunk = Integer.parseInt(state.name()); chunk < CHUNKS; chunk++) {
				int current = chunk;
				this.transaction.executeWithoutResult((status) -> {
					write("chunk " + current);
					context.checkpoint(new Journey.Start(String.valueOf(current + 1)),
							CheckpointOption.JOIN_TRANSACTION);
					if (context.attempt() % 3 == 1) {
						throw new IllegalStateException("before the commit");
					}
				});
				if (context.attempt() % 3 == 2) {
					throw new IllegalStateException("after the commit");
				}
			}
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "0"));
		assertThat(ledger())
			.containsExactlyElementsOf(IntStream.range(0, CHUNKS).mapToObj((chunk) -> "chunk " + chunk).toList());
	}

	@Test
	void aCheckpointIsSavedWithTheTransactionAndNotBefore() {
		this.harness.start((state, context) -> {
			this.transaction.executeWithoutResult((status) -> {
				context.checkpoint(new Journey.Start("rolled back"), CheckpointOption.JOIN_TRANSACTION);
				status.setRollbackOnly();
			});
			this.seen.add(this.harness.row(context.taskId()).step());
			this.transaction.executeWithoutResult((status) -> {
				context.checkpoint(new Journey.Start("committed"), CheckpointOption.JOIN_TRANSACTION);
				this.seen.add(this.harness.row(context.taskId()).step());
			});
			this.seen.add(this.harness.row(context.taskId()).step());
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "begin"));
		assertThat(this.seen).hasSize(3);
		assertThat(this.seen.get(0)).contains("begin");
		assertThat(this.seen.get(1)).contains("begin");
		assertThat(this.seen.get(2)).contains("committed");
	}

	@Test
	void attemptsAreCountedAnewOnceTheTransactionIsCommitted() {
		this.harness.retry(1, Duration.ZERO).start((state, context) -> {
			this.seen.add(state.name() + " in attempt " + context.attempt());
			int come = Integer.parseInt(state.name());
			if (come == 3) {
				return NextStep.done();
			}
			this.transaction
				.executeWithoutResult((status) -> context.checkpoint(new Journey.Start(String.valueOf(come + 1)),
						CheckpointOption.JOIN_TRANSACTION, CheckpointOption.RESET_ATTEMPTS));
			throw new IllegalStateException("once for every checkpoint");
		});
		run();
		awaitEnd(this.harness.insert("Start", "0"));
		assertThat(this.seen).containsExactly("0 in attempt 1", "1 in attempt 2", "2 in attempt 2", "3 in attempt 2");
	}

	@Test
	void withALostLeaseTheTransactionIsRolledBack() {
		this.harness.start((state, context) -> {
			if (context.delivery() == 1) {
				assertThatExceptionOfType(LeaseLostException.class)
					.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> {
						write("of a zombie");
						this.harness.jdbc()
							.sql("UPDATE pg_task SET lock_expires_at = statement_timestamp() WHERE id = ?")
							.param(context.taskId())
							.update();
						context.checkpoint(state, CheckpointOption.JOIN_TRANSACTION);
					}));
				this.seen.add("lost");
			}
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "a"));
		assertThat(this.seen).containsExactly("lost");
		assertThat(ledger()).isEmpty();
	}

	@Test
	void thereMustBeATransactionToJoin() {
		this.harness.start((state, context) -> {
			assertThatIllegalStateException()
				.isThrownBy(() -> context.checkpoint(state, CheckpointOption.JOIN_TRANSACTION))
				.withMessageContaining("There is no transaction of pg-task's DataSource on this thread");
			this.seen.add("refused");
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "a"));
		assertThat(this.seen).containsExactly("refused");
	}

	@Test
	void aCheckpointDoesNotWaitForATransactionOfItsOwnStep() {
		this.harness.start((state, context) -> {
			this.transaction.executeWithoutResult((status) -> {
				context.checkpoint(new Journey.Start("one"), CheckpointOption.JOIN_TRANSACTION);
				assertThatIllegalStateException().isThrownBy(() -> context.checkpoint(new Journey.Start("two")))
					.withMessageContaining("has joined a transaction that has not ended");
				context.checkpoint(new Journey.Start("three"), CheckpointOption.JOIN_TRANSACTION);
			});
			context.checkpoint(new Journey.Start("four"));
			this.seen.add(this.harness.row(context.taskId()).step());
			return NextStep.done();
		});
		run();
		awaitEnd(this.harness.insert("Start", "a"));
		assertThat(this.seen).singleElement().asString().contains("four");
	}

	private void run() {
		this.harness.run(WorkerHarness.QUICK, this.dataSource);
	}

	private void awaitEnd(UUID id) {
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.isGone(id));
	}

	private void write(String entry) {
		this.jdbc.sql("INSERT INTO ledger (entry) VALUES (?)").param(entry).update();
	}

	private List<String> ledger() {
		return this.harness.jdbc().sql("SELECT entry FROM ledger ORDER BY n").query(String.class).list();
	}

}
