package io.pgtask.store;

import java.sql.SQLException;

import io.pgtask.store.Greeter.ReadName;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link JdbcTaskClient}: savepoints, and transactions within transactions.
 */
@PostgresTest
@Timeout(120)
class NestedEnqueueTests {

	private static final ReadName STATE = new ReadName("name.txt");

	private final Producer producer;

	private final WakeupWitness witness;

	private final TransactionTemplate transaction;

	private final JdbcTaskClient client;

	private final TaskRows rows;

	NestedEnqueueTests(TestDatabase database) throws SQLException {
		this.producer = new Producer(database);
		this.transaction = this.producer.transaction();
		this.client = this.producer.client();
		this.rows = this.producer.rows();
		this.witness = new WakeupWitness(this.producer);
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@AfterEach
	void close() throws SQLException {
		this.producer.close();
		this.witness.close();
	}

	@Test
	void aSavepointThatRollsBackTakesItsTasksAlong() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			Object savepoint = status.createSavepoint();
			this.client.enqueue(STATE);
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(this.witness.rowsSeenByOthers()).isZero();
		this.witness.assertWokenExactly(0);
	}

	@Test
	void aSavepointThatRollsBackLeavesEarlierTasksAlone() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			this.client.enqueue(STATE);
			Object savepoint = status.createSavepoint();
			this.client.enqueue(STATE);
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
		this.witness.assertWokenExactly(1);
	}

	@Test
	void aTaskEnqueuedAfterASavepointRolledBackWakes() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			Object savepoint = status.createSavepoint();
			this.client.enqueue(STATE);
			status.rollbackToSavepoint(savepoint);
			this.client.enqueue(STATE);
		});
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
		this.witness.assertWokenExactly(1);
	}

	@Test
	void aNestedTransactionThatFailsWakesNobody() throws SQLException {
		this.transaction.executeWithoutResult((status) -> assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> propagating(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult((nested) -> {
				this.client.enqueue(STATE);
				throw new IllegalStateException("failed");
			})));
		assertThat(this.witness.rowsSeenByOthers()).isZero();
		this.witness.assertWokenExactly(0);
	}

	@Test
	void aSuspendedTransactionAndTheInnerOneWakeEachOnTheirOwn() throws SQLException {
		this.transaction.executeWithoutResult((outer) -> {
			this.client.enqueue(STATE);
			propagating(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
				.executeWithoutResult((inner) -> this.client.enqueue(STATE));
			assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
			assertThat(this.producer.woken()).hasValue(1);
			this.client.enqueue(STATE);
		});
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(3);
		this.witness.assertWokenExactly(2);
	}

	@Test
	void anInnerTransactionThatRollsBackDoesNotTouchTheSuspendedOne() throws SQLException {
		this.transaction.executeWithoutResult((outer) -> {
			this.client.enqueue(STATE);
			propagating(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult((inner) -> {
				this.client.enqueue(STATE);
				inner.setRollbackOnly();
			});
		});
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
		this.witness.assertWokenExactly(1);
	}

	@Test
	void aTaskEnqueuedOutsideASuspendedTransactionIsThereAtOnce() throws SQLException {
		this.transaction.executeWithoutResult((outer) -> {
			propagating(TransactionDefinition.PROPAGATION_NOT_SUPPORTED)
				.executeWithoutResult((none) -> this.client.enqueue(STATE));
			assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
			outer.setRollbackOnly();
		});
		this.witness.assertWokenExactly(1);
	}

	@Test
	void aScopeWithoutATransactionDoesNotDelayTheTask() throws SQLException {
		propagating(TransactionDefinition.PROPAGATION_SUPPORTS).executeWithoutResult((none) -> {
			this.client.enqueue(STATE);
			assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
			assertThat(this.producer.woken()).hasValue(1);
		});
		this.witness.assertWokenExactly(1);
	}

	private TransactionTemplate propagating(int propagation) {
		TransactionTemplate template = Producer.transaction(this.producer.dataSource());
		template.setPropagationBehavior(propagation);
		return template;
	}

}
