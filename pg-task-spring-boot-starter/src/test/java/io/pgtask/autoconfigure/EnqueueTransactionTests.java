package io.pgtask.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.OnConflict;
import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.TaskOptions;
import io.pgtask.TaskRequest;
import io.pgtask.TaskStep;
import io.pgtask.store.Wakeups;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests that every way to enqueue is part of the application's transactions, whatever
 * began them, together with what the application writes by {@link JdbcClient}.
 */
@PostgresTest
class EnqueueTransactionTests {

	private final JdbcClient jdbc;

	private final ApplicationContextRunner contextRunner;

	EnqueueTransactionTests(TestDatabase database) {
		this.jdbc = JdbcClient.create(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database).withUserConfiguration(Application.class);
	}

	@BeforeAll
	static void createTables(TestDatabase database) {
		TaskSchema.create(database.dataSource());
		JdbcClient.create(database.dataSource()).sql("CREATE TABLE letter (name text)").update();
	}

	@BeforeEach
	void emptyTables() {
		this.jdbc.sql("TRUNCATE pg_task, letter").update();
	}

	@ParameterizedTest
	@EnumSource
	void whatIsRolledBackInATransactionalMethodWasNeverEnqueuedAndWakesNobody(Call call) {
		this.contextRunner.run((context) -> assertRolledBack(context, call, (work) -> {
			assertThatExceptionOfType(UnsupportedOperationException.class)
				.isThrownBy(() -> context.getBean(Letters.class).write(() -> {
					work.run();
					throw new UnsupportedOperationException("roll back");
				}));
		}));
	}

	@ParameterizedTest
	@EnumSource
	void whatIsRolledBackInATransactionTemplateWasNeverEnqueuedAndWakesNobody(Call call) {
		this.contextRunner.run((context) -> assertRolledBack(context, call,
				(work) -> template(context).executeWithoutResult((status) -> {
					work.run();
					status.setRollbackOnly();
				})));
	}

	@ParameterizedTest
	@EnumSource
	void whatIsCommittedByATransactionalMethodWakesWorkersAfterwardsAndRuns(Call call) {
		withoutDirectStart()
			.run((context) -> assertCommitted(context, call, (work) -> context.getBean(Letters.class).write(work)));
	}

	@ParameterizedTest
	@EnumSource
	void whatIsCommittedByATransactionTemplateWakesWorkersAfterwardsAndRuns(Call call) {
		withoutDirectStart().run((context) -> assertCommitted(context, call,
				(work) -> template(context).executeWithoutResult((status) -> work.run())));
	}

	/** A task that starts directly wakes nobody. */
	private ApplicationContextRunner withoutDirectStart() {
		return this.contextRunner.withPropertyValues("pg-task.worker.direct-start=false");
	}

	private void assertRolledBack(ApplicationContext context, Call call, Transaction transaction) {
		AtomicInteger woken = countWakeups(context);
		TaskClient tasks = context.getBean(TaskClient.class);
		UUID reserved = tasks.reserve(new Letter("reserved"), TaskOptions.DEFAULT, Duration.ofHours(1));
		transaction.run(() -> {
			context.getBean(JdbcClient.class).sql("INSERT INTO letter VALUES ('a')").update();
			call.enqueue(tasks, reserved);
		});
		assertThat(woken).hasValue(0);
		assertThat(this.jdbc.sql("SELECT id FROM pg_task WHERE hold IS NULL").query(UUID.class).list()).isEmpty();
		assertThat(this.jdbc.sql("SELECT name FROM letter").query(String.class).list()).isEmpty();
		tasks.enqueue(new Letter("afterwards"));
		await().untilAsserted(() -> assertThat(context.getBean(Sent.class).names()).containsExactly("afterwards"));
	}

	private void assertCommitted(ApplicationContext context, Call call, Transaction transaction) {
		AtomicInteger woken = countWakeups(context);
		TaskClient tasks = context.getBean(TaskClient.class);
		UUID reserved = tasks.reserve(new Letter("a"), TaskOptions.DEFAULT, Duration.ofHours(1));
		transaction.run(() -> {
			context.getBean(JdbcClient.class).sql("INSERT INTO letter VALUES ('a')").update();
			call.enqueue(tasks, reserved);
			assertThat(woken).hasValue(0);
			assertThat(this.jdbc.sql("SELECT id FROM pg_task WHERE hold IS NULL").query(UUID.class).list()).isEmpty();
		});
		assertThat(woken).hasValue(1);
		await().untilAsserted(() -> assertThat(context.getBean(Sent.class).names()).containsExactly("a"));
		assertThat(this.jdbc.sql("SELECT name FROM letter").query(String.class).list()).containsExactly("a");
	}

	private static AtomicInteger countWakeups(ApplicationContext context) {
		AtomicInteger woken = new AtomicInteger();
		context.getBean(Wakeups.class).localWorker(woken::incrementAndGet);
		return woken;
	}

	private static TransactionTemplate template(ApplicationContext context) {
		return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
	}

	enum Call {

		WITH_OPTIONS {
			@Override
			void enqueue(TaskClient tasks, UUID reserved) {
				tasks.enqueue(new Letter("a"), TaskOptions.DEFAULT.withPriority(9).withTags("tag"));
			}
		},

		WITH_A_KEY {
			@Override
			void enqueue(TaskClient tasks, UUID reserved) {
				TaskOptions key = TaskOptions.DEFAULT.withUniqueKey("key", OnConflict.REPLACE);
				tasks.enqueue(new Letter("replaced"), key);
				tasks.enqueue(new Letter("a"), key);
			}
		},

		MANY {
			@Override
			void enqueue(TaskClient tasks, UUID reserved) {
				tasks.enqueueAll(List.of(new Letter("a")));
			}
		},

		MANY_WITH_KEYS {
			@Override
			void enqueue(TaskClient tasks, UUID reserved) {
				TaskOptions key = TaskOptions.DEFAULT.withUniqueKey("key", OnConflict.KEEP);
				tasks.enqueueAll(List.of(new TaskRequest(new Letter("a"), key), new TaskRequest(new Letter("b"), key)));
			}
		},

		CONFIRM {
			@Override
			void enqueue(TaskClient tasks, UUID reserved) {
				assertThat(tasks.confirm(reserved)).isTrue();
			}
		};

		abstract void enqueue(TaskClient tasks, UUID reserved);

	}

	private interface Transaction {

		void run(Runnable work);

	}

	record Letter(String name) {
	}

	static class Letters {

		@Transactional
		public void write(Runnable work) {
			work.run();
		}

	}

	record Sent(List<String> names) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Letters letters() {
			return new Letters();
		}

		@Bean
		Sent sent() {
			return new Sent(new CopyOnWriteArrayList<>());
		}

		@Bean
		JdbcClient jdbcClient(DataSource dataSource) {
			return JdbcClient.create(dataSource);
		}

		@Bean
		@TaskStep
		Step<Letter, Letter> send(Sent sent) {
			return (state, context) -> {
				sent.names().add(state.name());
				return NextStep.done();
			};
		}

	}

}
