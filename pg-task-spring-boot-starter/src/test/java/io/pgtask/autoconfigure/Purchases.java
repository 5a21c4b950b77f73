package io.pgtask.autoconfigure;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskStep;
import io.pgtask.test.TaskSchema;
import io.pgtask.store.DirectOffer;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application with a table of its own: its purchases, each confirmed by a task.
 */
final class Purchases {

	private final TestDatabase database;

	private final JdbcClient jdbc;

	Purchases(TestDatabase database) {
		this.database = database;
		this.jdbc = JdbcClient.create(database.dataSource());
	}

	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource())
			.sql("CREATE TABLE purchase (id int PRIMARY KEY, product text NOT NULL CHECK (product <> ''))")
			.update();
	}

	void clear() {
		this.jdbc.sql("TRUNCATE purchase, pg_task").update();
	}

	/**
	 * The worker looks at the table once in an hour: a task that runs sooner was woken.
	 */
	ApplicationContextRunner contextRunner() {
		return PgTaskContexts.on(this.database)
			.withPropertyValues("pg-task.worker.poll-interval=1h")
			.withUserConfiguration(ConfirmStep.class);
	}

	int count(String table) {
		return this.jdbc.sql("SELECT count(*) FROM " + table).query(Integer.class).single();
	}

	/**
	 * Nothing is there but what was committed.
	 */
	void assertNothingHasHappened(ConfirmStep step) {
		assertThat(count("purchase")).isZero();
		assertThat(count("pg_task")).isZero();
		assertThat(step.seen).isEmpty();
	}

	/**
	 * The step was woken by the commit, and has seen the purchase.
	 */
	void awaitConfirmed(ConfirmStep step, int purchase, String product) {
		await().atMost(Duration.ofSeconds(20)).until(() -> count("pg_task") == 0);
		assertThat(step.seen).containsExactly(purchase + " " + product);
	}

	/** Waits until a worker would start a task directly. */
	static void awaitIdle(Worker worker) {
		await().atMost(Duration.ofSeconds(20)).until(() -> {
			DirectOffer offer = worker.offer("Confirm");
			if (offer != null) {
				offer.withdrawn();
			}
			return offer != null;
		});
	}

	record Confirm(int purchase) {
	}

	@Configuration(proxyBeanMethods = false)
	static class ConfirmStep {

		final Queue<String> seen = new ConcurrentLinkedQueue<>();

		@Bean
		@TaskStep(maxRetries = 0)
		Step<Confirm, Confirm> confirm(DataSource dataSource) {
			return (state, context) -> {
				String product = JdbcClient.create(dataSource)
					.sql("SELECT product FROM purchase WHERE id = ?")
					.param(state.purchase())
					.query(String.class)
					.single();
				this.seen.add(state.purchase() + " " + product);
				return NextStep.done();
			};
		}

	}

}
