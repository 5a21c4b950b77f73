package io.pgtask.autoconfigure;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.TaskStep;
import io.pgtask.autoconfigure.Purchases.Confirm;
import io.pgtask.autoconfigure.Purchases.ConfirmStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for an application that writes its own tables by JPA.
 */
@PostgresTest
class JpaIntegrationTests {

	private final Purchases purchases;

	private final ApplicationContextRunner contextRunner;

	JpaIntegrationTests(TestDatabase database) {
		this.purchases = new Purchases(database);
		this.contextRunner = this.purchases.contextRunner()
			.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(Entities.class, Shop.class);
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
	void theTaskRunsWhenTheTransactionHasCommittedAndSeesAnEntityThatWasFlushedAfterIt() {
		this.contextRunner.run((context) -> {
			assertThat(context).getBean(PlatformTransactionManager.class).isInstanceOf(JpaTransactionManager.class);
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
	void theTaskStartsDirectlyWhenTheTransactionHasCommitted() {
		this.contextRunner.run((context) -> {
			Purchases.awaitIdle(context.getBean(Worker.class));
			JdbcClient jdbc = JdbcClient.create(context.getBean(DataSource.class));
			context.getBean(Shop.class)
				.buy(1, "book", () -> assertThat(jdbc.sql("SELECT delivery FROM pg_task").query(Integer.class).single())
					.isEqualTo(1));
			this.purchases.awaitConfirmed(context.getBean(ConfirmStep.class), 1, "book");
		});
	}

	@Test
	void aFlushThatFailsAtTheCommitTakesTheTaskAlong() {
		this.contextRunner.run((context) -> {
			assertThatException().isThrownBy(() -> context.getBean(Shop.class).buy(1, "", () -> {
			})).withStackTraceContaining("purchase_product_check");
			this.purchases.assertNothingHasHappened(context.getBean(ConfirmStep.class));
		});
	}

	@Test
	void aStepChangesEntitiesInATransactionOfItsOwn() {
		this.contextRunner.withUserConfiguration(RenameStep.class).run((context) -> {
			context.getBean(Shop.class).buy(1, "book", () -> {
			});
			await().until(() -> this.purchases.count("pg_task") == 0);
			context.getBean(TaskClient.class).enqueue(new Rename(1, "map"));
			await().until(() -> this.purchases.count("pg_task") == 0);
			assertThat(this.purchases.count("purchase WHERE product = 'map'")).isEqualTo(1);
		});
	}

	record Rename(int purchase, String product) {
	}

	@Configuration(proxyBeanMethods = false)
	static class RenameStep {

		@Bean
		@TaskStep(maxRetries = 0)
		Step<Rename, Rename> rename(EntityManager entities, PlatformTransactionManager manager) {
			return (state, context) -> {
				new TransactionTemplate(manager).executeWithoutResult(
						(status) -> entities.find(Purchase.class, state.purchase()).product = state.product());
				return NextStep.done();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = JpaIntegrationTests.class)
	static class Entities {

	}

	@Entity(name = "purchase")
	static class Purchase {

		@Id
		int id;

		String product;

		Purchase() {
			this(0, "");
		}

		Purchase(int id, String product) {
			this.id = id;
			this.product = product;
		}

	}

	static class Shop {

		private final EntityManager entities;

		private final TaskClient tasks;

		Shop(EntityManager entities, TaskClient tasks) {
			this.entities = entities;
			this.tasks = tasks;
		}

		@Transactional
		public void buy(int id, String product, Runnable beforeCommit) {
			this.entities.persist(new Purchase(id, product));
			this.tasks.enqueue(new Confirm(id));
			beforeCommit.run();
		}

	}

}
