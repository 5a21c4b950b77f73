package io.pgtask.autoconfigure;

import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.Step;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskClient;
import io.pgtask.TaskHeadersContributor;
import io.pgtask.TaskStep;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link PgTaskAutoConfiguration}.
 */
@TaskTableTest
@ExtendWith(OutputCaptureExtension.class)
class PgTaskAutoConfigurationTests {

	private static final String TRANSACTION_WARNING = "No transaction manager belongs to the DataSource of pg-task";

	private final TestDatabase database;

	private final JdbcTemplate jdbc;

	private final ApplicationContextRunner contextRunner;

	PgTaskAutoConfigurationTests(TestDatabase database) {
		this.database = database;
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database);
	}

	@Test
	void tasksAreEnqueuedInTheTransactionOfTheApplication(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			TransactionTemplate transaction = new TransactionTemplate(
					context.getBean(PlatformTransactionManager.class));
			transaction.executeWithoutResult((status) -> {
				context.getBean(TaskClient.class).enqueue(new Mail("a@example.org"));
				status.setRollbackOnly();
			});
			assertThat(countTasks()).isZero();
			UUID id = transaction
				.execute((status) -> context.getBean(TaskClient.class).enqueue(new Mail("a@example.org")));
			assertThat(this.jdbc.queryForObject("SELECT id FROM pg_task", UUID.class)).isEqualTo(id);
		});
		assertThat(output).doesNotContain(TRANSACTION_WARNING);
	}

	@Test
	void theSchemaOfTheTableIsConfigured() {
		TaskTable table = TaskTable.inSchema("Tasks of \"mine\"");
		TaskSchema.create(this.database.dataSource(), table, false);
		this.contextRunner.withPropertyValues("pg-task.schema=Tasks of \"mine\"").run((context) -> {
			assertThat(context.getBean(TaskTable.class)).isEqualTo(table);
			context.getBean(TaskClient.class).enqueue(new Mail("a@example.org"));
			assertThat(this.jdbc.queryForObject("SELECT count(*) FROM " + table.name(), Integer.class)).isOne();
		});
	}

	@Test
	void headersAreContributedToEveryTask() {
		this.contextRunner
			.withBean(TaskHeadersContributor.class, () -> (taskType, step, headers) -> headers.put("tenant", "blue"))
			.run((context) -> {
				context.getBean(TaskClient.class).enqueue(new Mail("a@example.org"));
				assertThat(this.jdbc.queryForObject("SELECT headers ->> 'tenant' FROM pg_task", String.class))
					.isEqualTo("blue");
			});
	}

	@Test
	void theMapperOfTheStatesIsCustomizedWithoutTouchingTheApplications() {
		this.contextRunner.withUserConfiguration(UpperCaseStrings.class).run((context) -> {
			context.getBean(TaskClient.class).enqueue(new Mail("a@example.org"));
			assertThat(this.jdbc.queryForObject("SELECT step FROM pg_task", String.class))
				.isEqualTo("{\"Mail\":{\"Mail\":{\"to\":\"A@EXAMPLE.ORG\"}}}");
			assertThat(context).hasSingleBean(JsonMapper.class);
			assertThat(context.getBean(JsonMapper.class).writeValueAsString("a")).isEqualTo("\"a\"");
		});
	}

	@Test
	void theQualifiedDataSourceIsUsedAndWarnedAboutWithoutATransactionManager(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.datasource.url=jdbc:h2:mem:primary")
			.withBean(TestDatabase.class, () -> this.database, (definition) -> definition.setDestroyMethodName(""))
			.withUserConfiguration(SecondDataSource.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(TaskClient.class).enqueue(new Mail("a@example.org"));
				assertThat(countTasks()).isOne();
			});
		assertThat(output).containsOnlyOnce(TRANSACTION_WARNING);
	}

	@Test
	void aTransactionManagerOfTheQualifiedDataSourceIsEnough(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.datasource.url=jdbc:h2:mem:primary")
			.withBean(TestDatabase.class, () -> this.database, (definition) -> definition.setDestroyMethodName(""))
			.withUserConfiguration(SecondDataSource.class, SecondTransactionManager.class)
			.run((context) -> {
				new TransactionTemplate(context.getBean("second", PlatformTransactionManager.class))
					.executeWithoutResult((status) -> {
						context.getBean(TaskClient.class).enqueue(new Mail("a@example.org"));
						status.setRollbackOnly();
					});
				assertThat(countTasks()).isZero();
			});
		assertThat(output).doesNotContain(TRANSACTION_WARNING);
	}

	@Test
	void aDefaultTransactionManagerOfAnotherDataSourceIsWarnedAbout(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.datasource.url=jdbc:h2:mem:primary")
			.withBean(TestDatabase.class, () -> this.database, (definition) -> definition.setDestroyMethodName(""))
			.withUserConfiguration(SecondDataSource.class, PrimaryAndSecondTransactionManager.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(TRANSACTION_WARNING)
			.containsOnlyOnce("@Transactional without a name uses a transaction manager of another DataSource");
	}

	@Test
	void everyPartCanBeReplaced() {
		this.contextRunner.withUserConfiguration(OwnParts.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context).hasSingleBean(TaskClient.class).hasBean("ownClient");
			assertThat(context).hasSingleBean(TaskAdmin.class).hasBean("ownAdmin");
			assertThat(context).hasSingleBean(TaskTable.class).hasBean("ownTable");
			assertThat(context).hasSingleBean(Wakeups.class).hasBean("ownWakeups");
		});
	}

	@Test
	void aPoolInWhichStepsWillWaitForConnectionsIsToldAbout(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=9")
			.withUserConfiguration(MailStep.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("at most 9 connections, of which the worker keeps 4");
	}

	@Test
	void aPoolOfTheDefaultSizeIsEnoughForTheDefaultWorker(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(MailStep.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("connections, of which the worker keeps");
	}

	@Test
	void aNodeWithoutStepsNeedsNoConnectionsForAWorker() {
		this.contextRunner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=1")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aLazyContextIsCheckedToo() {
		this.contextRunner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=4")
			.withUserConfiguration(MailStep.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(PgTaskConfigurationException.class)
				.hasMessageContaining("has at most 4 connections"));
	}

	private int countTasks() {
		Integer count = this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class);
		return (count != null) ? count : 0;
	}

	record Mail(String to) {
	}

	@Configuration(proxyBeanMethods = false)
	static class MailStep {

		@Bean
		@TaskStep
		Step<Mail, Mail> mail() {
			return (state, context) -> NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UpperCaseStrings {

		@Bean
		PgTaskJsonMapperCustomizer upperCaseStrings() {
			return (builder) -> builder.addModule(new SimpleModule().addSerializer(new UpperCaseSerializer()));
		}

	}

	static class UpperCaseSerializer extends StdSerializer<String> {

		UpperCaseSerializer() {
			super(String.class);
		}

		@Override
		public void serialize(String value, JsonGenerator generator, SerializationContext context) {
			generator.writeString(value.toUpperCase(java.util.Locale.ROOT));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SecondDataSource {

		@Bean(defaultCandidate = false)
		@PgTaskDataSource
		DataSource tasks(TestDatabase database) {
			return new DriverManagerDataSource(database.url(), database.username(), database.password());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SecondTransactionManager {

		@Bean
		PlatformTransactionManager first(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

		@Bean
		PlatformTransactionManager second(@PgTaskDataSource DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryAndSecondTransactionManager {

		@Bean
		@Primary
		PlatformTransactionManager first(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

		@Bean
		PlatformTransactionManager second(@PgTaskDataSource DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnParts {

		@Bean
		TaskClient ownClient() {
			return mock(TaskClient.class);
		}

		@Bean
		TaskAdmin ownAdmin() {
			return mock(TaskAdmin.class);
		}

		@Bean
		TaskTable ownTable() {
			return TaskTable.inSchema("public");
		}

		@Bean
		Wakeups ownWakeups(DataSource dataSource) {
			return new Wakeups(dataSource);
		}

	}

}
