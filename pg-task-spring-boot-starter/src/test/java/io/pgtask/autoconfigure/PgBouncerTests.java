package io.pgtask.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import io.pgtask.EndedTask;
import io.pgtask.HistoryQuery;
import io.pgtask.NextStep;
import io.pgtask.PassedStep;
import io.pgtask.Step;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskClient;
import io.pgtask.TaskEnd;
import io.pgtask.TaskHistory;
import io.pgtask.TaskHousekeeping;
import io.pgtask.TaskOutcome;
import io.pgtask.TaskQuery;
import io.pgtask.TaskState;
import io.pgtask.TaskStep;
import io.pgtask.test.PgBouncer;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for an application whose connections lead through PgBouncer in transaction mode.
 * The sessions of the server are fewer than the worker's own connections, so that every
 * transaction may find itself in another session than the one before.
 */
@PostgresTest
@Timeout(120)
class PgBouncerTests {

	/** A parcel for which there is no paper before the test brings some. */
	private static final int LARGE = 1000;

	private final TestDatabase database;

	private final JdbcClient direct;

	PgBouncerTests(TestDatabase database) {
		this.database = database;
		this.direct = JdbcClient.create(database.dataSource());
	}

	@BeforeEach
	void requirePgBouncer() {
		assumeTrue(PgBouncer.isInstalled(),
				"PgBouncer is not installed; 'apt-get install pgbouncer' lets this test run");
	}

	@AfterEach
	void dropEverything() {
		this.direct.sql("DROP SCHEMA public CASCADE").update();
		this.direct.sql("CREATE SCHEMA public").update();
	}

	@Test
	void theTableIsMigratedAndTasksRunRetryAndRollBackThroughTwoSessions() throws Exception {
		try (PgBouncer bouncer = PgBouncer.start(this.database, 2)) {
			contextRunner(bouncer).run((context) -> {
				TaskClient tasks = context.getBean(TaskClient.class);
				TransactionTemplate transaction = new TransactionTemplate(
						context.getBean(JdbcTransactionManager.class));
				transaction.executeWithoutResult((status) -> {
					tasks.enqueue(new Parcel.Pack(-1));
					status.setRollbackOnly();
				});
				for (int i = 0; i < 200; i++) {
					tasks.enqueue(new Parcel.Pack(i));
				}
				await().atMost(Duration.ofSeconds(60)).until(() -> count("pg_task") == 0);
				assertThat(this.direct.sql("SELECT parcel FROM effects ORDER BY parcel").query(Integer.class).list())
					.containsExactlyElementsOf(IntStream.range(0, 200).boxed().toList());
				assertThat(context.getBean(ParcelSteps.class).failures).hasValue(20);
			});
		}
	}

	@Test
	void nothingStaysBehindInASessionThatOthersUse() throws Exception {
		try (PgBouncer bouncer = PgBouncer.start(this.database, 1)) {
			contextRunner(bouncer).run((context) -> {
				JdbcTemplate shared = context.getBean(JdbcTemplate.class);
				context.getBean(TaskClient.class).enqueue(new Parcel.Pack(1));
				context.getBean(TaskAdmin.class).find(TaskQuery.all());
				context.getBean(TaskAdmin.class).counts();
				await().until(() -> count("pg_task") == 0);
				List<Integer> sessions = shared.queryForList("SELECT pg_backend_pid()", Integer.class);
				assertThat(sessions).containsExactly(shared.queryForObject("SELECT pg_backend_pid()", Integer.class));
				// Those that PgBouncer itself sets to what the client has asked for.
				assertThat(shared.queryForList("""
						SELECT name FROM pg_settings WHERE source = 'session' AND name NOT IN ('client_encoding',
							'DateStyle', 'TimeZone', 'standard_conforming_strings', 'application_name')
						""", String.class)).isEmpty();
				assertThat(shared.queryForList("SELECT pg_listening_channels()", String.class)).isEmpty();
				assertThat(shared.queryForList("SELECT name FROM pg_prepared_statements", String.class)).isEmpty();
				assertThat(shared.queryForList("SELECT objid FROM pg_locks WHERE locktype = 'advisory'", String.class))
					.isEmpty();
			});
		}
	}

	@Test
	void aWorkerIsNotAnnouncedInASessionThatItShares() throws Exception {
		try (PgBouncer bouncer = PgBouncer.start(this.database, 2)) {
			contextRunner(bouncer).withPropertyValues("pg-task.worker.listen=true").run((context) -> {
				Worker worker = context.getBean(Worker.class);
				await().atMost(Duration.ofSeconds(30)).until(() -> worker.status().listening());
				context.getBean(TaskClient.class).enqueue(new Parcel.Pack(1));
				await().atMost(Duration.ofSeconds(30)).until(() -> count("pg_task") == 0);
				assertThat(worker.status().present()).isFalse();
				assertThat(worker.status().observing()).isFalse();
				assertThat(count("pg_locks WHERE locktype = 'advisory'")).isZero();
			});
		}
	}

	@Test
	void aCallerLearnsOfTheEndOfATaskByLooking() throws Exception {
		try (PgBouncer bouncer = PgBouncer.start(this.database, 2)) {
			contextRunner(bouncer).withPropertyValues("pg-task.await.poll-interval=50ms").run((context) -> {
				TaskClient tasks = context.getBean(TaskClient.class);
				assertThat(tasks.enqueueAndAwait(new Parcel.Pack(1), Duration.ofSeconds(20)).outcome())
					.isEqualTo(TaskEnd.Outcome.GONE);
				TaskEnd lost = tasks.enqueueAndAwait(new Parcel.Lose(), Duration.ofSeconds(20));
				assertThat(lost.outcome()).isEqualTo(TaskEnd.Outcome.ERRORED);
				assertThat(lost.error()).contains("lost in the post");
				UUID id = lost.taskId();
				assertThat(context.getBean(TaskAdmin.class).find(id).orElseThrow().state())
					.isEqualTo(TaskState.ERRORED);
			});
		}
	}

	@Test
	void everyTaskThatEndsBehindPgBouncerLeavesOneRecordAndIsToldAsDone() throws Exception {
		try (PgBouncer bouncer = PgBouncer.start(this.database, 2)) {
			contextRunner(bouncer)
				.withPropertyValues("pg-task.history.enabled=true", "pg-task.await.poll-interval=50ms",
						"pg-task.housekeeping.enabled=false")
				.run((context) -> {
					TaskClient tasks = context.getBean(TaskClient.class);
					assertThat(context.getBean(TaskHousekeeping.class).run().created()).isNotEmpty();
					for (int i = 0; i < 100; i++) {
						tasks.enqueue(new Parcel.Pack(i));
					}
					TaskEnd end = tasks.enqueueAndAwait(new Parcel.Pack(100), Duration.ofSeconds(20));
					assertThat(end.outcome()).isEqualTo(TaskEnd.Outcome.DONE);
					await().atMost(Duration.ofSeconds(60)).until(() -> count("pg_task") == 0);
					assertThat(count("pg_task_history")).isEqualTo(101);
					assertThat(context.getBean(TaskHistory.class).find(HistoryQuery.all().limit(1000))).hasSize(101)
						.allSatisfy((task) -> {
							assertThat(task.outcome()).isEqualTo(TaskOutcome.DONE);
							assertThat(task.passed()).extracting(PassedStep::step).containsExactly("Pack");
						})
						.extracting(EndedTask::id)
						.doesNotHaveDuplicates()
						.contains(end.taskId());
				});
		}
	}

	@Test
	void anOutageOfPgBouncerPausesTheWorkerAndLosesNothing() throws Exception {
		try (PgBouncer bouncer = PgBouncer.start(this.database, 2)) {
			contextRunner(bouncer)
				.withPropertyValues("pg-task.worker.lease-timeout=3s", "pg-task.worker.heartbeat-interval=1s",
						"spring.datasource.hikari.connection-timeout=1000")
				.run((context) -> {
					Worker worker = context.getBean(Worker.class);
					for (int i = 0; i < 20; i++) {
						context.getBean(TaskClient.class).enqueue(new Parcel.Pack(i));
						context.getBean(TaskClient.class).enqueue(new Parcel.Pack(LARGE + i));
					}
					await().until(() -> count("effects") > 0);
					bouncer.kill();
					await().atMost(Duration.ofSeconds(30))
						.until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
					assertThat(count("pg_task")).as("tasks left").isGreaterThanOrEqualTo(20);
					context.getBean(ParcelSteps.class).paper.countDown();
					bouncer.start();
					await().atMost(Duration.ofSeconds(60)).until(() -> count("pg_task") == 0);
					assertThat(
							this.direct.sql("SELECT count(DISTINCT parcel) FROM effects").query(Integer.class).single())
						.isEqualTo(40);
					assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
				});
		}
	}

	private int count(String table) {
		return this.direct.sql("SELECT count(*) FROM " + table).query(Integer.class).single();
	}

	/** The settings are those that docs/configuration.md asks for. */
	private ApplicationContextRunner contextRunner(PgBouncer bouncer) {
		this.direct.sql("CREATE TABLE effects (parcel int NOT NULL)").update();
		return PgTaskContexts.on(this.database)
			.withConfiguration(AutoConfigurations.of(PgTaskLiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + bouncer.url(), "pg-task.worker.listen=false",
					"pg-task.worker.poll-interval=1s")
			.withUserConfiguration(ParcelSteps.class);
	}

	sealed interface Parcel {

		record Pack(int number) implements Parcel {
		}

		record Send(int number) implements Parcel {
		}

		record Lose() implements Parcel {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ParcelSteps {

		private final AtomicInteger failures = new AtomicInteger();

		private final CountDownLatch paper = new CountDownLatch(1);

		@Bean
		JdbcTemplate jdbc(DataSource dataSource) {
			return new JdbcTemplate(dataSource);
		}

		@Bean
		@TaskStep(maxRetries = 5, retryDelay = "10ms")
		Step<Parcel, Parcel.Pack> pack() {
			return (state, context) -> {
				if (state.number() % 10 == 9 && context.attempt() == 1) {
					this.failures.incrementAndGet();
					throw new IllegalStateException("no string");
				}
				if (state.number() >= LARGE) {
					this.paper.await();
				}
				return NextStep.now(new Parcel.Send(state.number()));
			};
		}

		@Bean
		@TaskStep(maxRetries = 100, retryDelay = "100ms")
		Step<Parcel, Parcel.Send> send(JdbcTemplate jdbc) {
			return (state, context) -> {
				jdbc.update("INSERT INTO effects (parcel) VALUES (?)", state.number());
				return NextStep.done();
			};
		}

		@Bean
		@TaskStep(maxRetries = 0)
		Step<Parcel, Parcel.Lose> lose() {
			return (state, context) -> {
				throw new IllegalStateException("lost in the post");
			};
		}

	}

}
