package io.pgtask.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskClient;
import io.pgtask.TaskStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for transactional steps in an application: which transaction manager they get,
 * and how many run at once.
 */
@PostgresTest
@ExtendWith(OutputCaptureExtension.class)
class TransactionalStepAutoConfigurationTests {

	private final JdbcClient jdbc;

	private final ApplicationContextRunner contextRunner;

	TransactionalStepAutoConfigurationTests(TestDatabase database) {
		this.jdbc = JdbcClient.create(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database);
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql("CREATE TABLE account (name text, balance int)").update();
	}

	@BeforeEach
	void emptyTables() {
		this.jdbc.sql("TRUNCATE pg_task, account").update();
	}

	@Test
	void aStepAndItsTransitionShareATransactionOfTheApplication() {
		this.contextRunner.withUserConfiguration(Deposits.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(TaskClient.class).enqueue(new Deposit("Ada", 5));
			await().untilAsserted(() -> assertThat(count("pg_task")).isZero());
			assertThat(this.jdbc.sql("SELECT balance FROM account WHERE name = 'Ada'").query(Integer.class).list())
				.as("of the second attempt, and not of the first")
				.containsExactly(5);
			assertThat(context.getBean(DepositStep.class).isolation).containsExactly("serializable", "serializable");
		});
	}

	@Test
	void theManagerOfTheDataSourceIsChosenAmongOthers() {
		this.contextRunner.withUserConfiguration(Deposits.class, OtherManager.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(TaskClient.class).enqueue(new Deposit("Ada", 5));
			await().untilAsserted(() -> assertThat(count("account")).isOne());
		});
	}

	@Test
	void thePrimaryManagerIsChosenAmongSeveralOfTheDataSource() {
		this.contextRunner.withUserConfiguration(Deposits.class, PrimaryManager.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(TaskClient.class).enqueue(new Deposit("Ada", 5));
			await().untilAsserted(() -> assertThat(context.getBean(CountingManager.class).begun()).isPositive());
		});
	}

	@Test
	void theAnnotatedManagerIsChosenBeforeAllOthers() {
		this.contextRunner.withUserConfiguration(Deposits.class, PrimaryManager.class, AnnotatedManager.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(TaskClient.class).enqueue(new Deposit("Ada", 5));
				await().untilAsserted(() -> assertThat(count("account")).isOne());
				assertThat(context.getBean("annotated", CountingManager.class).begun()).isPositive();
				assertThat(context.getBean("preferred", CountingManager.class).begun()).isZero();
			});
	}

	@Test
	void withoutTransactionalStepsNoManagerIsNeeded() {
		this.contextRunner.withBean("plain", Step.class, Plain::new)
			.withUserConfiguration(PrimaryManager.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(CountingManager.class).begun()).isZero();
			});
	}

	@Test
	void soManyTransactionalStepsRunAtOnceThatTheRestOfTheApplicationHasAConnection(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=7")
			.withUserConfiguration(Deposits.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("has at most 7 connections: the worker keeps 4,")
			.contains("so 2 transactional steps run at once; with 11 connections all 6 would");
	}

	@Test
	void aPoolThatATransactionalStepUsesUpIsWarnedAbout(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=5")
			.withUserConfiguration(Deposits.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("while a transactional step runs there is none for anybody else");
	}

	private int count(String table) {
		return this.jdbc.sql("SELECT count(*) FROM " + table).query(Integer.class).single();
	}

	record Deposit(String to, int amount) {
	}

	@Configuration(proxyBeanMethods = false)
	@Import(DepositStep.class)
	static class Deposits {

	}

	@TaskStep(transactional = true, isolation = Isolation.SERIALIZABLE, timeout = "20s", maxRetries = 1,
			retryDelay = "0s")
	static class DepositStep implements Step<Deposit, Deposit> {

		private final JdbcClient jdbc;

		private final List<String> isolation = new CopyOnWriteArrayList<>();

		DepositStep(DataSource dataSource) {
			this.jdbc = JdbcClient.create(dataSource);
		}

		@Override
		public NextStep<Deposit> run(Deposit state, StepContext context) {
			assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isTrue();
			this.jdbc.sql("INSERT INTO account VALUES (?, ?)").params(state.to(), state.amount()).update();
			this.isolation
				.add(this.jdbc.sql("SELECT current_setting('transaction_isolation')").query(String.class).single());
			if (context.attempt() == 1) {
				throw new IllegalStateException("The first attempt fails");
			}
			return NextStep.done();
		}

	}

	@TaskStep
	static class Plain implements Step<Deposit, Deposit> {

		@Override
		public NextStep<Deposit> run(Deposit state, StepContext context) {
			return NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherManager {

		@Bean
		PlatformTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		@Primary
		PlatformTransactionManager other() {
			return new JdbcTransactionManager(new SimpleDriverDataSource());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryManager {

		@Bean
		PlatformTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		@Primary
		CountingManager preferred(DataSource dataSource) {
			return new CountingManager(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AnnotatedManager {

		@Bean(defaultCandidate = false)
		@PgTaskDataSource
		CountingManager annotated(DataSource dataSource) {
			return new CountingManager(dataSource);
		}

	}

	@SuppressWarnings("serial")
	static class CountingManager extends JdbcTransactionManager {

		private final AtomicInteger begun = new AtomicInteger();

		CountingManager(DataSource dataSource) {
			super(dataSource);
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			this.begun.incrementAndGet();
			super.doBegin(transaction, definition);
		}

		int begun() {
			return this.begun.get();
		}

	}

}
