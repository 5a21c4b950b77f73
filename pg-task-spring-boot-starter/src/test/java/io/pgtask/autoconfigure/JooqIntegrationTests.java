package io.pgtask.autoconfigure;

import io.pgtask.TaskClient;
import io.pgtask.autoconfigure.Purchases.Confirm;
import io.pgtask.autoconfigure.Purchases.ConfirmStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jooq.autoconfigure.JooqAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for an application that writes its own tables by jOOQ.
 */
@PostgresTest
class JooqIntegrationTests {

	private final Purchases purchases;

	private final ApplicationContextRunner contextRunner;

	JooqIntegrationTests(TestDatabase database) {
		this.purchases = new Purchases(database);
		this.contextRunner = this.purchases.contextRunner()
			.withConfiguration(AutoConfigurations.of(JooqAutoConfiguration.class))
			.withPropertyValues("spring.jooq.sql-dialect=POSTGRES")
			.withSystemProperties("org.jooq.no-logo=true", "org.jooq.no-tips=true")
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
	void theTaskRunsWhenASpringTransactionHasCommittedAndSeesWhatItWrote() {
		this.contextRunner.run((context) -> {
			ConfirmStep step = context.getBean(ConfirmStep.class);
			context.getBean(Shop.class).buy(1, "book", () -> this.purchases.assertNothingHasHappened(step));
			this.purchases.awaitConfirmed(step, 1, "book");
		});
	}

	@Test
	void theTaskRunsWhenATransactionOfJooqHasCommitted() {
		this.contextRunner.run((context) -> {
			ConfirmStep step = context.getBean(ConfirmStep.class);
			Shop shop = context.getBean(Shop.class);
			context.getBean(DSLContext.class)
				.transaction(
						(configuration) -> shop.buy(1, "book", () -> this.purchases.assertNothingHasHappened(step)));
			this.purchases.awaitConfirmed(step, 1, "book");
		});
	}

	@Test
	void theTaskNeverExistedIfATransactionOfJooqRollsBack() {
		this.contextRunner.run((context) -> {
			DSLContext dsl = context.getBean(DSLContext.class);
			TaskClient tasks = context.getBean(TaskClient.class);
			assertThatIllegalStateException().isThrownBy(() -> dsl.transaction((configuration) -> {
				tasks.enqueue(new Confirm(1));
				assertThat(configuration.dsl().fetchCount(DSL.table("pg_task"))).isEqualTo(1);
				throw new IllegalStateException("changed my mind");
			}));
			this.purchases.assertNothingHasHappened(context.getBean(ConfirmStep.class));
		});
	}

	static class Shop {

		private final DSLContext dsl;

		private final TaskClient tasks;

		Shop(DSLContext dsl, TaskClient tasks) {
			this.dsl = dsl;
			this.tasks = tasks;
		}

		@Transactional
		public void buy(int id, String product, Runnable beforeCommit) {
			this.tasks.enqueue(new Confirm(id));
			this.dsl.insertInto(DSL.table("purchase"), DSL.field("id"), DSL.field("product"))
				.values(id, product)
				.execute();
			beforeCommit.run();
		}

	}

}
