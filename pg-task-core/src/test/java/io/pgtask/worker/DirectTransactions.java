package io.pgtask.worker;

import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

import io.pgtask.store.TaskEnds;
import io.pgtask.test.TestDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Transactions that enqueue a task which a worker is to start when they are committed.
 */
final class DirectTransactions {

	static final Journey.Start STATE = new Journey.Start("a");

	private final BreakingCommits dataSource;

	private final DirectHarness harness;

	private final TransactionTemplate transaction;

	/** Takes part in the transactions. */
	private final JdbcClient jdbc;

	DirectTransactions(TestDatabase database) {
		this.dataSource = new BreakingCommits(database.createPool(12));
		this.harness = new DirectHarness(database, this.dataSource, TaskEnds.untold());
		this.transaction = this.harness.transaction();
		this.jdbc = JdbcClient.create(this.dataSource);
	}

	BreakingCommits dataSource() {
		return this.dataSource;
	}

	DirectHarness harness() {
		return this.harness;
	}

	TransactionTemplate transaction() {
		return this.transaction;
	}

	JdbcClient jdbc() {
		return this.jdbc;
	}

	UUID inTransaction(Consumer<UUID> more) {
		return Objects.requireNonNull(this.transaction.execute((TransactionStatus status) -> {
			UUID id = this.harness.client().enqueue(STATE);
			assertThat(isLeased(id)).isTrue();
			more.accept(id);
			return id;
		}));
	}

	TransactionTemplate propagating(int propagation) {
		TransactionTemplate template = this.harness.transaction();
		template.setPropagationBehavior(propagation);
		return template;
	}

	/** Lets time pass in the transaction. */
	void pass(String interval) {
		this.jdbc.sql("SELECT pg_sleep_for(?::interval)").param(interval).query().singleRow();
	}

	boolean isLeased(UUID id) {
		return this.jdbc.sql("SELECT locked_by IS NOT NULL FROM pg_task WHERE id = ?")
			.param(id)
			.query(Boolean.class)
			.single();
	}

	/** Nothing is there, nothing runs, and the worker is ready for more. */
	void assertNothingIsLeft(Worker worker) {
		DirectHarness.awaitIdle(worker);
		int before = this.harness.begun().size();
		assertThat(this.harness.workers().count()).isZero();
		assertThat(worker.status().running()).isZero();
		assertThat(worker.status().waiting()).isZero();
		UUID next = this.transaction.execute((status) -> this.harness.client().enqueue(STATE));
		assertThat(this.harness.awaitBegun(before + 1).get(before).id()).isEqualTo(next);
		this.harness.awaitEmpty();
	}

}
