package io.pgtask.autoconfigure;

import java.io.InputStream;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskStep;
import io.pgtask.autoconfigure.steps.ReadNameStep;
import io.pgtask.autoconfigure.steps.SayHelloStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for what an application prints that cannot start as it is configured.
 */
@PostgresTest
@ExtendWith(OutputCaptureExtension.class)
class PgTaskStartupFailureTests {

	private final TestDatabase database;

	PgTaskStartupFailureTests(TestDatabase database) {
		this.database = database;
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@Test
	void aStateWithoutAStep(CapturedOutput output) {
		fail(MissingStep.class);
		assertThat(output).contains("APPLICATION FAILED TO START");
		assertThat(description(output)).contains("The state io.pgtask.autoconfigure.steps.Greeter.SayHello")
			.contains("has no step");
		assertThat(action(output)).contains("Add a bean annotated @TaskStep that implements Step<");
	}

	@Test
	void twoStepsForAState(CapturedOutput output) {
		fail(TwoSteps.class);
		assertThat(description(output)).contains("Two steps run for the state")
			.contains("'first'")
			.contains("'second'");
		assertThat(action(output)).contains("Remove one of the two steps");
	}

	@Test
	void twoTaskTypesWithOneName(CapturedOutput output) {
		fail(TwoNames.class);
		assertThat(description(output)).contains("Two task types have the persisted name or alias 'Mail'")
			.contains("One.Mail")
			.contains("Other.Mail");
		assertThat(action(output)).contains("@PersistentName");
	}

	@Test
	void aStateThatCannotBeReadBack(CapturedOutput output) {
		fail(UnreadableState.class);
		assertThat(description(output)).contains("PgTaskStartupFailureTests$Unreadable")
			.contains("its component content");
		assertThat(action(output)).isNotBlank();
	}

	@Test
	void aTaskStepThatIsNoStep(CapturedOutput output) {
		fail(NoStep.class);
		assertThat(description(output)).contains("'cleanUp'").contains("is annotated @TaskStep but is no");
		assertThat(action(output)).contains("or remove @TaskStep");
	}

	@Test
	void noDataSource(CapturedOutput output) {
		fail(NoDataSource.class);
		assertThat(description(output)).contains("There is no DataSource");
		assertThat(action(output)).contains("Set spring.datasource.url");
	}

	@Test
	void severalDataSources(CapturedOutput output) {
		fail(SeveralDataSources.class);
		assertThat(description(output)).contains("There are several DataSources and none of them is primary");
		assertThat(action(output)).contains("@PgTaskDataSource").contains("@Primary");
	}

	@Test
	void severalQualifiedDataSources(CapturedOutput output) {
		fail(SeveralQualifiedDataSources.class);
		assertThat(description(output)).contains("Several DataSources are annotated with @PgTaskDataSource");
		assertThat(action(output)).contains("Keep the annotation on the one");
	}

	@Test
	void aDataSourceOfAnotherDatabase(CapturedOutput output) {
		fail(Greeters.class, "spring.datasource.url=jdbc:h2:mem:other");
		assertThat(description(output)).contains("its DataSource leads to H2");
		assertThat(action(output)).contains("Set spring.datasource.url to a PostgreSQL database");
	}

	@Test
	void aMissingTable(CapturedOutput output) {
		fail(Greeters.class, "pg-task.schema=elsewhere");
		assertThat(description(output)).contains("There is no table pg_task in schema 'elsewhere'");
		assertThat(action(output)).contains("pg-task.liquibase.enabled=true");
	}

	@Test
	void aTableThatIsTooOld(CapturedOutput output) {
		new JdbcTemplate(this.database.dataSource()).execute("""
				CREATE SCHEMA old;
				CREATE TABLE old.pg_task (id uuid PRIMARY KEY, step text NOT NULL)""");
		fail(Greeters.class, "pg-task.schema=old");
		assertThat(description(output)).contains("The schema of the table pg_task in schema 'old' is")
			.contains("but this release of pg-task needs version");
		assertThat(action(output)).contains("pg-task.liquibase.enabled=true");
	}

	@Test
	void aHeartbeatThatIsNotShorterThanTheLease(CapturedOutput output) {
		fail(Greeters.class, "pg-task.worker.heartbeat-interval=30s", "pg-task.worker.lease-timeout=30s");
		assertThat(description(output)).contains("heartbeat interval (PT30S) is not shorter than its lease (PT30S)");
		assertThat(action(output)).contains("Set pg-task.worker.heartbeat-interval to a third of");
	}

	@Test
	void aPoolThatIsTooSmallForTheWorker(CapturedOutput output) {
		fail(Greeters.class, "spring.datasource.hikari.maximum-pool-size=4");
		assertThat(description(output)).contains("has at most 4 connections, but the worker needs 5");
		assertThat(action(output)).contains("spring.datasource.hikari.maximum-pool-size) to 5 or more")
			.contains("with 10, all 6 concurrent steps");
	}

	@Test
	void aTransactionalStepWithoutATransactionManager(CapturedOutput output) {
		fail(NoTransactionManager.class);
		assertThat(description(output)).contains("The steps 'transfer' are transactional")
			.contains("there is no transaction manager for the DataSource of pg-task");
		assertThat(action(output)).contains("declare it as a bean").contains("@PgTaskDataSource");
	}

	@Test
	void aTransactionalStepWithATransactionManagerOfAnotherDataSource(CapturedOutput output) {
		fail(OtherTransactionManager.class);
		assertThat(description(output)).contains("there is no transaction manager for the DataSource of pg-task");
	}

	@Test
	void aTransactionalStepWithATransactionManagerThatCannotIncludeTheTable(CapturedOutput output) {
		fail(OpaqueTransactionManager.class);
		assertThat(description(output)).contains("are not on the DataSource of pg-task")
			.contains("cannot include the transition of a step");
		assertThat(action(output)).contains("remove transactional = true");
	}

	@Test
	void aTransactionalStepWithSeveralTransactionManagers(CapturedOutput output) {
		fail(SeveralTransactionManagers.class);
		assertThat(description(output)).contains("several transaction managers for the DataSource of pg-task");
		assertThat(action(output)).contains("@PgTaskDataSource").contains("@Primary");
	}

	@Test
	void anIsolationLevelOfAStepThatIsNotTransactional(CapturedOutput output) {
		fail(IsolatedStep.class);
		assertThat(description(output)).contains("The @TaskStep of 'isolated' sets isolation or readOnly")
			.contains("not transactional");
		assertThat(action(output)).contains("Add transactional = true");
	}

	@Test
	void aPropertyOfAStepThatDoesNotExist(CapturedOutput output) {
		fail(PlainStep.class, "pg-task.steps.Transfer.Trnasfer.timeout=5s");
		assertThat(description(output)).contains("The property pg-task.steps.Transfer.Trnasfer names a step");
		assertThat(action(output)).contains("known are Transfer");
	}

	private void fail(Class<?> configuration, String... properties) {
		SpringApplication application = new SpringApplicationBuilder(configuration).web(WebApplicationType.NONE)
			.properties(PgTaskContexts.properties(this.database))
			.properties("spring.main.banner-mode=off", "spring.liquibase.enabled=false",
					"pg-task.liquibase.enabled=false")
			.properties(properties)
			.build();
		assertThatException().isThrownBy(application::run);
	}

	private static String description(CapturedOutput output) {
		String printed = output.getOut();
		return printed.substring(printed.lastIndexOf("Description:"), printed.lastIndexOf("Action:"));
	}

	private static String action(CapturedOutput output) {
		String printed = output.getOut();
		return printed.substring(printed.lastIndexOf("Action:") + "Action:".length());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ ReadNameStep.class, SayHelloStep.class })
	static class Greeters {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(ReadNameStep.class)
	static class MissingStep {

	}

	record Mail(String to) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class TwoSteps {

		@Bean
		@TaskStep
		Step<Mail, Mail> first() {
			return (state, context) -> NextStep.done();
		}

		@Bean
		@TaskStep
		Step<Mail, Mail> second() {
			return (state, context) -> NextStep.done();
		}

	}

	static class One {

		record Mail(String to) {
		}

	}

	static class Other {

		record Mail(String to) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class TwoNames {

		@Bean
		@TaskStep
		Step<One.Mail, One.Mail> one() {
			return (state, context) -> NextStep.done();
		}

		@Bean
		@TaskStep
		Step<Other.Mail, Other.Mail> other() {
			return (state, context) -> NextStep.done();
		}

	}

	record Unreadable(InputStream content) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class UnreadableState {

		@Bean
		@TaskStep
		Step<Unreadable, Unreadable> unreadable() {
			return (state, context) -> NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class NoStep {

		@Bean
		@TaskStep
		Runnable cleanUp() {
			return () -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class NoDataSource {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class SeveralDataSources {

		@Bean
		DataSource one() {
			return new SimpleDriverDataSource();
		}

		@Bean
		DataSource other() {
			return new SimpleDriverDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class SeveralQualifiedDataSources {

		@Bean(defaultCandidate = false)
		@PgTaskDataSource
		DataSource one() {
			return new SimpleDriverDataSource();
		}

		@Bean(defaultCandidate = false)
		@PgTaskDataSource
		DataSource other() {
			return new SimpleDriverDataSource();
		}

	}

	record Transfer(String to) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceTransactionManagerAutoConfiguration.class)
	static class NoTransactionManager {

		@Bean
		@TaskStep(transactional = true)
		Step<Transfer, Transfer> transfer() {
			return (state, context) -> NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(NoTransactionManager.class)
	static class OtherTransactionManager {

		@Bean
		PlatformTransactionManager other() {
			return new JdbcTransactionManager(new SimpleDriverDataSource());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(NoTransactionManager.class)
	static class OpaqueTransactionManager {

		@Bean
		PlatformTransactionManager opaque() {
			return new ResourcelessTransactionManager();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(NoTransactionManager.class)
	static class SeveralTransactionManagers {

		@Bean
		PlatformTransactionManager one(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		PlatformTransactionManager other(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class PlainStep {

		@Bean
		@TaskStep
		Step<Transfer, Transfer> transfer() {
			return (state, context) -> NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class IsolatedStep {

		@Bean
		@TaskStep(isolation = Isolation.SERIALIZABLE)
		Step<Transfer, Transfer> isolated() {
			return (state, context) -> NextStep.done();
		}

	}

	/** Does not tell on which data source it works: on none. */
	static class ResourcelessTransactionManager extends AbstractPlatformTransactionManager {

		@Override
		protected Object doGetTransaction() {
			return this;
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
		}

	}

}
