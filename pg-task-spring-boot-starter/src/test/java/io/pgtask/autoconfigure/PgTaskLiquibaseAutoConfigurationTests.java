package io.pgtask.autoconfigure;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.test.PostgresServer;
import io.pgtask.test.RustSchema;
import io.pgtask.test.TestDatabase;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PgTaskLiquibaseAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class PgTaskLiquibaseAutoConfigurationTests {

	private static final String RESOURCES = "classpath:/io/pgtask/autoconfigure/";

	private TestDatabase database;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createDatabase() {
		this.database = PostgresServer.shared().createDatabase("autoconfiguration");
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					DataSourceInitializationAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
					PgTaskAutoConfiguration.class, PgTaskLiquibaseAutoConfiguration.class))
			.withPropertyValues(properties());
	}

	@AfterEach
	void dropDatabase() {
		this.database.close();
	}

	@Test
	void migratesWithoutLiquibaseInTheApplication() {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(SpringLiquibase.class);
			assertThat(schemaOf(context)).isEqualTo("public");
		});
	}

	@Test
	void migratesBesideTheChangelogsOfTheApplicationAndAfterThem() {
		this.runner.withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.liquibase.change-log=" + RESOURCES + "application-changelog.yaml")
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(SpringLiquibase.class);
				assertThat(applicationRanFirst(context)).isTrue();
				assertThat(schemaOf(context)).isEqualTo("public");
				assertThat(query(context, "SELECT string_agg(id, ',') FROM databasechangelog"))
					.isEqualTo("application");
				assertThat(query(context, "SELECT string_agg(id, ',') FROM pg_task_databasechangelog"))
					.isEqualTo("01-table,02-options,03-failures,04-history,05-notifications,normal");
			});
	}

	@Test
	void migratesAfterTheSqlScriptsOfTheApplication() {
		this.runner
			.withPropertyValues("spring.sql.init.mode=always",
					"spring.sql.init.schema-locations=" + RESOURCES + "application-schema.sql",
					"pg-task.schema=made_by_application")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(applicationRanFirst(context)).isTrue();
				assertThat(schemaOf(context)).isEqualTo("made_by_application");
			});
	}

	@Test
	void theApplicationMayIncludeTheChangelogInItsOwn() {
		this.runner.withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.liquibase.change-log=" + RESOURCES + "application-includes-changelog.yaml",
					"spring.liquibase.parameters[pg-task.shared-with-rust]=true", "pg-task.liquibase.enabled=false")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(PgTaskSchemaInitializer.class);
				assertThat(query(context, "SELECT shared_with_rust FROM pg_task_schema()")).isEqualTo("t");
				assertThat(query(context, "SELECT string_agg(id, ',') FROM databasechangelog")).isEqualTo(
						"01-table,02-options,03-failures,04-history,05-notifications,shared-with-rust,application");
			});
	}

	@Test
	void leavesTheDatabaseAloneWhenItIsDisabled() {
		this.runner.withPropertyValues("pg-task.liquibase.enabled=false").run((context) -> {
			assertThat(context).getFailure().hasMessageContaining("There is no table pg_task");
			assertNothingIsMade();
		});
	}

	@Test
	void leavesTheDatabaseAloneWithoutLiquibase() {
		this.runner.withClassLoader(new FilteredClassLoader(SpringLiquibase.class)).run((context) -> {
			assertThat(context).getFailure().hasMessageContaining("There is no table pg_task");
			assertNothingIsMade();
		});
	}

	@Test
	void makesTheSchemaOfTheProperty() {
		this.runner.withPropertyValues("pg-task.schema=Tasks \"of\" 👋").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(schemaOf(context)).isEqualTo("Tasks \"of\" 👋");
		});
	}

	@Test
	void takesOverTheTableOfTheRustLibrary() throws Exception {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			RustSchema.NOTIFY.create(connection);
			statement.execute("INSERT INTO pg_task (step) VALUES ('{\"Greeter\":null}')");
		}
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(query(context, "SELECT task FROM pg_task")).isEqualTo("Greeter");
		});
	}

	@Test
	void switchesTheModeWithTheProperty() {
		for (String shared : List.of("true", "false", "true")) {
			this.runner.withPropertyValues("pg-task.shared-with-rust=" + shared).run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(query(context, "SELECT shared_with_rust FROM pg_task_schema()"))
					.isEqualTo(shared.substring(0, 1));
			});
		}
	}

	@Test
	void beansThatUseTheDatabaseFindTheTable() {
		this.runner.withUserConfiguration(EarlyUser.class)
			.run((context) -> assertThat(context).getBean("tasksAtStart").isEqualTo(0));
	}

	@Test
	void contextsThatStartTogetherMigrateOnce() {
		int nodes = 3;
		ExecutorService executor = Executors.newFixedThreadPool(nodes);
		CountDownLatch start = new CountDownLatch(1);
		try {
			List<Future<?>> contexts = new ArrayList<>();
			for (int node = 0; node < nodes; node++) {
				contexts.add(executor.submit(() -> {
					start.await();
					this.runner.run((context) -> {
						assertThat(context).hasNotFailed();
						assertThat(query(context, "SELECT string_agg(id, ',') FROM pg_task_databasechangelog"))
							.isEqualTo("01-table,02-options,03-failures,04-history,05-notifications,normal");
					});
					return true;
				}));
			}
			start.countDown();
			assertThat(contexts).allSatisfy((context) -> context.get(1, TimeUnit.MINUTES));
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void saysThatLiquibaseIsKeptFromRunning() {
		System.setProperty("liquibase.shouldRun", "false");
		try {
			this.runner.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(PgTaskConfigurationException.class, (ex) -> {
					assertThat(ex).hasMessageContaining("at version 0 of pg-task instead of 5");
					assertThat(ex.getAction()).contains("liquibase.shouldRun=false");
				}));
		}
		finally {
			System.clearProperty("liquibase.shouldRun");
		}
	}

	@Test
	void saysOneLineWhenItMigratesAndNothingLater(CapturedOutput output) {
		start("--logging.level.com.zaxxer=warn").close();
		assertThat(output.getAll().lines()).singleElement()
			.asString()
			.contains("INFO")
			.contains("Migrated schema 'public' to version 5 of pg-task");
		start("--logging.level.com.zaxxer=warn").close();
		assertThat(output.getAll().lines()).hasSize(1);
	}

	@Test
	void doesNotTurnDownTheLiquibaseOfTheApplication(CapturedOutput output) {
		start().close();
		start("--spring.liquibase.enabled=true",
				"--spring.liquibase.change-log=" + RESOURCES + "application-changelog.yaml")
			.close();
		assertThat(output).containsPattern("INFO .*ChangeSet .*application ran successfully");
	}

	@Test
	void keepsItsFilesInANativeImage() {
		RuntimeHints hints = new RuntimeHints();
		new PgTaskLiquibaseAutoConfiguration.SchemaHints().registerHints(hints, getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.resource().forResource("io/pgtask/db/changelog.yaml")).accepts(hints);
		assertThat(RuntimeHintsPredicates.resource().forResource("io/pgtask/db/01-table.sql")).accepts(hints);
	}

	private ConfigurableApplicationContext start(String... arguments) {
		List<String> all = new ArrayList<>(List.of(arguments));
		for (String property : properties()) {
			all.add("--" + property);
		}
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.liquibase.enabled=false", "spring.main.banner-mode=off",
					"spring.main.log-startup-info=false")
			.run(all.toArray(String[]::new));
	}

	private String[] properties() {
		return new String[] { "spring.datasource.url=" + this.database.url(),
				"spring.datasource.username=" + this.database.username(),
				"spring.datasource.password=" + this.database.password() };
	}

	private void assertNothingIsMade() {
		assertThat(new JdbcTemplate(this.database.dataSource()).queryForObject(
				"SELECT count(*) FROM pg_class WHERE relname LIKE 'pg\\_task%' OR relname LIKE '%databasechangelog%'",
				Integer.class))
			.isZero();
	}

	private static String schemaOf(AssertableApplicationContext context) {
		return query(context, """
				SELECT string_agg(DISTINCT n.nspname, ',') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE c.relname IN ('pg_task', 'pg_task_databasechangelog', 'pg_task_databasechangeloglock')""");
	}

	private static boolean applicationRanFirst(AssertableApplicationContext context) {
		return query(context, "SELECT first FROM application_ran").equals("t");
	}

	private static String query(AssertableApplicationContext context, String sql) {
		return String.valueOf(context.getBean(JdbcTemplate.class).queryForObject(sql, String.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyUser {

		@Bean
		Integer tasksAtStart(JdbcTemplate jdbc) {
			return Objects.requireNonNull(jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			LiquibaseAutoConfiguration.class, PgTaskAutoConfiguration.class, PgTaskLiquibaseAutoConfiguration.class })
	static class Application {

	}

}
