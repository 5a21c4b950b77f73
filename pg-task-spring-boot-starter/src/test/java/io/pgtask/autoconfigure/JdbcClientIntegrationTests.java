package io.pgtask.autoconfigure;

import io.pgtask.TaskClient;
import io.pgtask.autoconfigure.Purchases.Confirm;
import io.pgtask.autoconfigure.Purchases.ConfirmStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for an application that writes its own tables by {@link JdbcClient}.
 */
@PostgresTest
class JdbcClientIntegrationTests {

	private final Purchases purchases;

	private final ApplicationContextRunner contextRunner;

	JdbcClientIntegrationTests(TestDatabase database) {
		this.purchases = new Purchases(database);
		this.contextRunner = this.purchases.contextRunner()
			.withConfiguration(
					AutoConfigurations.of(JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class))
			.withUserConfiguration(Shop.class);
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		Purchases.createTables(database);
	}

	@BeforeEach
	void clear() {
		this.purchases.clear();
	}

	@Test
	void theTaskRunsWhenTheTransactionHasCommittedAndSeesWhatItWrote() {
		this.contextRunner.run((context) -> {
			ConfirmStep step = context.getBean(ConfirmStep.class);
			context.getBean(Shop.class).buy(1, "book", () -> this.purchases.assertNothingHasHappened(step));
			this.purchases.awaitConfirmed(step, 1, "book");
		});
	}

	@Test
	void theTaskNeverExistedIfTheTransactionRollsBack() {
		this.contextRunner.run((context) -> {
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Shop.class).buy(1, "book", () -> {
				throw new IllegalStateException("changed my mind");
			}));
			this.purchases.assertNothingHasHappened(context.getBean(ConfirmStep.class));
		});
	}

	@Test
	void theTransactionReadsTheTaskItHasEnqueued() {
		this.contextRunner.run((context) -> context.getBean(Shop.class)
			.buy(1, "book",
					() -> assertThat(context.getBean(JdbcClient.class)
						.sql("SELECT count(*) FROM pg_task JOIN purchase ON true")
						.query(Integer.class)
						.single()).isEqualTo(1)));
	}

	static class Shop {

		private final JdbcClient jdbc;

		private final TaskClient tasks;

		Shop(JdbcClient jdbc, TaskClient tasks) {
			this.jdbc = jdbc;
			this.tasks = tasks;
		}

		@Transactional
		public void buy(int id, String product, Runnable beforeCommit) {
			this.tasks.enqueue(new Confirm(id));
			this.jdbc.sql("INSERT INTO purchase (id, product) VALUES (?, ?)").params(id, product).update();
			beforeCommit.run();
		}

	}

}
