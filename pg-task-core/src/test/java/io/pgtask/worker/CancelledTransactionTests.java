package io.pgtask.worker;

import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for transactional steps whose task somebody asks to cancel.
 */
@PostgresTest
class CancelledTransactionTests {

	private final TestDatabase database;

	private final CancelledSteps steps;

	private final WorkerHarness harness;

	private final JdbcTaskAdmin admin;

	CancelledTransactionTests(TestDatabase database) {
		this.database = database;
		this.steps = new CancelledSteps(database);
		this.harness = this.steps.harness();
		this.admin = this.steps.admin();
	}

	@BeforeEach
	void createTable() {
		this.steps.createTable();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.steps.stopWorkers();
	}

	@Test
	void aTransactionalStepThatIsCancelledLeavesNothing() {
		ledger();
		DataSource dataSource = this.database.createPool(10);
		this.harness.transactional(TransactionSettings.DEFAULT, "start").start((state, context) -> {
			JdbcClient.create(dataSource).sql("INSERT INTO ledger VALUES ('a')").update();
			return this.steps.sleep(context);
		});
		UUID id = this.steps.run(WorkerHarness.QUICK, dataSource);
		this.admin.cancel(id);
		await().until(() -> this.harness.isGone(id));
		assertThat(entries()).isZero();
	}

	@Test
	void aTransactionalStepThatNoticesNothingIsCommittedAndItsTasksLast() {
		ledger();
		DataSource dataSource = this.database.createPool(10);
		this.harness.transactional(TransactionSettings.DEFAULT, "start").start((state, context) -> {
			this.steps.awaitQuietly();
			JdbcClient.create(dataSource).sql("INSERT INTO ledger VALUES ('a')").update();
			return NextStep.now(new Journey.Middle("a"));
		});
		UUID id = this.steps.run(WorkerHarness.QUICK, dataSource);
		this.admin.cancel(id);
		this.steps.goOn();
		await().until(() -> this.harness.isGone(id));
		await().untilAsserted(() -> assertThat(this.steps.outcomes()).isEqualTo(Map.of(StepOutcome.CANCELLED, 1)));
		assertThat(entries()).isEqualTo(1);
		assertThat(this.steps.seen()).containsExactly("running");
	}

	private void ledger() {
		this.harness.jdbc().sql("DROP TABLE IF EXISTS ledger; CREATE TABLE ledger (entry text)").update();
	}

	private int entries() {
		return this.harness.jdbc().sql("SELECT count(*) FROM ledger").query(Integer.class).single();
	}

}
