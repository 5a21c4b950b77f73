package io.pgtask.autoconfigure;

import java.time.Duration;
import java.util.UUID;

import io.pgtask.DeadTasks;
import io.pgtask.HousekeepingReport;
import io.pgtask.NextStep;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.Step;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskClient;
import io.pgtask.TaskEnd;
import io.pgtask.TaskHistory;
import io.pgtask.TaskHousekeeping;
import io.pgtask.TaskOutcome;
import io.pgtask.TaskStep;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Housekeeper;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PgTaskHousekeepingAutoConfiguration}, and for a history and dead tasks
 * in an application.
 */
@PostgresTest
class PgTaskHousekeepingAutoConfigurationTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private final JdbcTemplate jdbc;

	private final ApplicationContextRunner contextRunner;

	PgTaskHousekeepingAutoConfigurationTests(TestDatabase database) {
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database)
			.withConfiguration(AutoConfigurations.of(PgTaskHousekeepingAutoConfiguration.class))
			.withUserConfiguration(QuickStep.class);
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@BeforeEach
	void emptyTables() {
		this.jdbc.execute("TRUNCATE pg_task, pg_task_history, pg_task_dead");
	}

	@Test
	void byDefaultNothingIsKeptAndNobodyKeepsHouse() {
		this.contextRunner.run((context) -> {
			assertThat(context.getBean(TaskTable.class)).isEqualTo(TaskTable.inSearchPath());
			assertThat(context.getBean(Housekeeper.class).isRunning()).isFalse();
			assertThat(context.getBean(TaskHousekeeping.class).run()).isEqualTo(HousekeepingReport.NOTHING);
			TaskEnd end = context.getBean(TaskClient.class).enqueueAndAwait(new Quick(), LONG);
			assertThat(end.isDone()).isTrue();
			assertThat(context.getBean(TaskHistory.class).find(end.taskId())).isEmpty();
		});
	}

	@Test
	void withAHistoryAnApplicationFindsWhatHasEnded() {
		this.contextRunner.withPropertyValues("pg-task.history.enabled=true", "pg-task.history.state=true")
			.run((context) -> {
				assertThat(this.jdbc
					.queryForObject("SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent"
							+ " WHERE c.relname = 'pg_task_history'", Integer.class))
					.as("four days and the default, before the worker starts")
					.isEqualTo(5);
				assertThat(context.getBean(Housekeeper.class).isRunning()).isTrue();
				TaskClient tasks = context.getBean(TaskClient.class);
				UUID id = tasks.enqueueAndAwait(new Quick(), LONG).taskId();
				assertThat(context.getBean(TaskHistory.class).find(id)).hasValueSatisfying((task) -> {
					assertThat(task.outcome()).isEqualTo(TaskOutcome.DONE);
					assertThat(task.stateJson()).isEqualTo("null");
				});
				assertThat(tasks.await(id, LONG).isDone()).isTrue();
				assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task_history_default", Integer.class))
					.isZero();
			});
	}

	@Test
	void onlyWhatIsNotDoneIsRecordedOnRequest() {
		this.contextRunner.withPropertyValues("pg-task.history.enabled=true", "pg-task.history.done=false")
			.run((context) -> {
				TaskClient tasks = context.getBean(TaskClient.class);
				UUID id = tasks.enqueueAndAwait(new Quick(), LONG).taskId();
				assertThat(context.getBean(TaskHistory.class).find(id)).isEmpty();
				assertThat(context.getBean(TaskTable.class).history().records(TaskOutcome.EXPIRED)).isTrue();
			});
	}

	@Test
	void deadTasksAreMovedByTheHousekeepingAndBackByTheApplication() {
		this.contextRunner
			.withPropertyValues("pg-task.dead-letters.after=1h", "pg-task.housekeeping.period=50ms",
					"pg-task.worker.auto-startup=false")
			.run((context) -> {
				UUID id = context.getBean(TaskClient.class).enqueue(new Quick());
				this.jdbc.update("UPDATE pg_task SET error = 'broken', parked_at = now() - interval '2 hours'");
				DeadTasks deadTasks = context.getBean(DeadTasks.class);
				await().atMost(LONG).until(() -> deadTasks.find(id).isPresent());
				assertThat(deadTasks.redrive(id)).isEqualTo(ActionResult.DONE);
				assertThat(this.jdbc.queryForObject("SELECT error IS NULL FROM pg_task", Boolean.class)).isTrue();
			});
	}

	@Test
	void aNodeMayLeaveTheHousekeepingToOthersAndStillDoItByHand() {
		this.contextRunner
			.withPropertyValues("pg-task.history.enabled=true", "pg-task.housekeeping.enabled=false",
					"pg-task.worker.enabled=false")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(Housekeeper.class);
				assertThat(context.getBean(TaskHousekeeping.class).run().performed()).isTrue();
			});
	}

	@Test
	void whatMakesNoSenseIsToldWithItsProperty() {
		assertRefused("pg-task.history.retention", "0s");
		assertRefused("pg-task.dead-letters.after", "-1h");
		assertRefused("pg-task.housekeeping.days-ahead", "0");
		assertRefused("pg-task.housekeeping.period", "0s");
	}

	private void assertRefused(String property, String value) {
		this.contextRunner.withPropertyValues(property + "=" + value)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(PgTaskConfigurationException.class,
						(ex) -> assertThat(ex.getMessage() + ex.getAction()).contains(property)));
	}

	record Quick() {

	}

	@Configuration(proxyBeanMethods = false)
	static class QuickStep {

		@Bean
		@TaskStep
		Step<Quick, Quick> quick() {
			return (state, context) -> NextStep.done();
		}

	}

}
