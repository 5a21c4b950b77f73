package io.pgtask.worker;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
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
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for transactional steps on a pool that has fewer connections than they would
 * like.
 */
@PostgresTest
class TransactionalConnectionTests {

	/** What the worker keeps for itself. */
	private static final int OWN = WorkerHarness.QUICK.connections();

	private final WorkerHarness harness;

	TransactionalConnectionTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).transactional(TransactionSettings.DEFAULT, "start");
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
	void aStepThatGetsNoConnectionHasNotFailedAndOtherStepsGoOn() throws Exception {
		HikariDataSource pool = this.harness.impatientPool(OWN + 1);
		this.harness.start((state, context) -> {
			write(pool, "attempt " + context.attempt() + ", delivery " + context.delivery());
			return NextStep.done();
		});
		this.harness.run(WorkerHarness.QUICK, pool);
		await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == OWN);
		UUID transactional;
		try (Connection last = pool.getConnection()) {
			assertThat(last.isValid(1)).isTrue();
			transactional = this.harness.insert("Start", "a");
			await().until(() -> this.harness.row(transactional).lastError() != null);
			UUID plain = this.harness.insert("Middle", "b");
			await().until(() -> this.harness.isGone(plain));
			assertThat(this.harness.row(transactional)).satisfies((row) -> {
				assertThat(row.tried()).isZero();
				assertThat(row.error()).isNull();
				assertThat(row.lastError()).startsWith("can't begin: ").contains("Connection is not available");
			});
		}
		await().until(() -> this.harness.isGone(transactional));
		assertThat(ledger()).containsExactly("attempt 1, delivery 1");
	}

	@Test
	void stepsThatNeedASecondConnectionDoNotWaitForEachOtherForEver() {
		HikariDataSource pool = this.harness.impatientPool(OWN + 3);
		pool.setConnectionTimeout(20_000);
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		this.harness.start((state, context) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			write(pool, "outer");
			TransactionTemplate inner = new TransactionTemplate(new JdbcTransactionManager(pool));
			inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
			inner.executeWithoutResult((status) -> write(pool, "inner"));
			running.decrementAndGet();
			return NextStep.done();
		});
		this.harness.insertMany(100);
		this.harness.run(WorkerHarness.QUICK.withConcurrency(8), (builder) -> builder.transactionalConcurrency(2),
				pool);
		await().atMost(Duration.ofSeconds(15)).until(() -> this.harness.count() == 0);
		assertThat(ledger()).hasSize(200);
		assertThat(most).hasValue(2);
	}

	@Test
	void otherStepsGoOnWhileTransactionalOnesWaitForTheirTurn() throws Exception {
		CountDownLatch finish = new CountDownLatch(1);
		HikariDataSource pool = this.harness.impatientPool(OWN + 2);
		this.harness.start((state, context) -> {
			finish.await(30, TimeUnit.SECONDS);
			write(pool, "attempt " + context.attempt());
			return NextStep.done();
		});
		for (int i = 0; i < 8; i++) {
			this.harness.insert("Start", "a");
		}
		this.harness.run(WorkerHarness.QUICK, (builder) -> builder.transactionalConcurrency(1), pool);
		await().until(() -> this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE last_error LIKE 'can''t begin: the 1 transactional steps%'")
			.query(Integer.class)
			.single() > 0);
		UUID plain = this.harness.insert("Middle", "b");
		await().until(() -> this.harness.isGone(plain));
		finish.countDown();
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.count() == 0);
		assertThat(ledger()).hasSize(8).containsOnly("attempt 1");
	}

	private static void write(HikariDataSource pool, String entry) {
		JdbcClient.create(pool).sql("INSERT INTO ledger (entry) VALUES (?)").param(entry).update();
	}

	private List<String> ledger() {
		return this.harness.jdbc().sql("SELECT entry FROM ledger ORDER BY n").query(String.class).list();
	}

}
