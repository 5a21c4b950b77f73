package io.pgtask.autoconfigure;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.pgtask.TaskAdmin;
import io.pgtask.TaskQuery;
import io.pgtask.actuate.endpoint.PgTaskEndpoint;
import io.pgtask.autoconfigure.steps.ReadNameStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Housekeeper;
import io.pgtask.worker.Worker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for a node that only looks, with a database user that may do no more.
 */
@PostgresTest
class PgTaskReadOnlyTests {

	private final TestDatabase database;

	private final String role;

	private final ApplicationContextRunner contextRunner;

	PgTaskReadOnlyTests(TestDatabase database) {
		this.database = database;
		this.role = "reader_" + database.name();
		this.contextRunner = PgTaskContexts.on(database)
			.withConfiguration(AutoConfigurations.of(PgTaskHousekeepingAutoConfiguration.class,
					PgTaskLiquibaseAutoConfiguration.class, PgTaskEndpointAutoConfiguration.class))
			.withPropertyValues("spring.datasource.username=" + this.role, "pg-task.history.enabled=true",
					"pg-task.dead-letters.after=7d", "management.endpoints.web.exposure.include=pgtask",
					"management.endpoints.jmx.exposure.include=pgtask", "spring.jmx.enabled=true");
	}

	@BeforeEach
	void createReader() throws SQLException {
		TaskSchema.create(this.database.dataSource());
		execute("""
				CREATE ROLE %1$s LOGIN;
				GRANT SELECT ON pg_task, pg_task_paused, pg_task_history, pg_task_dead TO %1$s""".formatted(this.role));
	}

	@AfterEach
	void dropReader() throws SQLException {
		execute("DROP OWNED BY %1$s; DROP ROLE %1$s".formatted(this.role));
	}

	@Test
	void aReaderStartsWithNothingThatWrites() {
		this.contextRunner.withPropertyValues("pg-task.read-only=true")
			.withUserConfiguration(ReadNameStep.class)
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.doesNotHaveBean(Worker.class)
					.doesNotHaveBean(Housekeeper.class)
					.doesNotHaveBean(PgTaskSchemaInitializer.class);
				assertThat(context.getBean(TaskAdmin.class).find(TaskQuery.all())).isEmpty();
				assertThat(context.getBean(PgTaskEndpoint.class).overview().types()).isEmpty();
			});
	}

	@Test
	void withoutThePropertyTheStartSaysWhatIsMissing() {
		this.contextRunner.run((context) -> assertThat(context).hasFailed()
			.getFailure()
			.hasMessageContaining("lacks privileges on the table pg_task in schema 'public': INSERT"));
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
