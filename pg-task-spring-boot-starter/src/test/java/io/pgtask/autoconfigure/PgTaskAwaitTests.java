package io.pgtask.autoconfigure;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.pgtask.NextStep;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.TaskEnd;
import io.pgtask.TaskStep;
import io.pgtask.store.TaskEnds;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.TaskEndWatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link PgTaskAutoConfiguration}: waiting for the ends of tasks.
 */
@PostgresTest
class PgTaskAwaitTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final ApplicationContextRunner contextRunner;

	PgTaskAwaitTests(TestDatabase database) {
		this.contextRunner = PgTaskContexts.on(database)
			.withPropertyValues("spring.datasource.hikari.minimum-idle=0")
			.withUserConfiguration(QuickStep.class);
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@Test
	void aCallerIsToldThatItsTaskIsDone() {
		this.contextRunner.withPropertyValues("pg-task.await.poll-interval=1h").run((context) -> {
			TaskEnd end = context.getBean(TaskClient.class).enqueueAndAwait(new Quick(), LONG);
			assertThat(end.isDone()).isTrue();
			assertThat(context.getBean(TaskEndWatch.class).isListening()).isTrue();
		});
	}

	@Test
	void aNodeThatDoesNotListenNoticesTheEndAllTheSame() {
		this.contextRunner.withPropertyValues("pg-task.worker.listen=false", "pg-task.await.poll-interval=50ms")
			.run(PgTaskAwaitTests::assertEndsUnheard);
	}

	@Test
	void aPoolWithoutRoomForAListenerIsNotExhausted() {
		this.contextRunner
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=5", "pg-task.await.poll-interval=50ms",
					"spring.datasource.hikari.connection-timeout=5000")
			.run(PgTaskAwaitTests::assertEndsUnheard);
	}

	@Test
	void aProducerMayWaitForTasksThatOthersRun() {
		this.contextRunner.run((worker) -> this.contextRunner.withPropertyValues("pg-task.worker.enabled=false")
			.run((producer) -> assertThat(
					producer.getBean(TaskClient.class).enqueueAndAwait(new Quick(), LONG).isDone())
				.isTrue()));
	}

	@Test
	void whoeverStillWaitsWhenTheApplicationEndsIsTold() {
		CompletableFuture<CompletableFuture<TaskEnd>> waiting = new CompletableFuture<>();
		this.contextRunner.run((context) -> {
			TaskClient tasks = context.getBean(TaskClient.class);
			waiting.complete(tasks.whenEnded(tasks.delay(new Quick(), Duration.ofDays(1))));
			await().until(context.getBean(TaskEndWatch.class)::isListening);
		});
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> waiting.join().get(20, TimeUnit.SECONDS))
			.havingRootCause()
			.isInstanceOf(IllegalStateException.class)
			.withMessageContaining("shutting down");
	}

	@Test
	void theIntervalMustBeLongerThanZero() {
		this.contextRunner.withPropertyValues("pg-task.await.poll-interval=0s")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(PgTaskConfigurationException.class)
				.hasMessageContaining("pg-task.await.poll-interval must be longer than zero"));
	}

	@Test
	void theWatchCanBeReplaced() {
		TaskEnds own = mock(TaskEnds.class);
		this.contextRunner.withBean("own", TaskEnds.class, () -> own)
			.run((context) -> assertThat(context.getBean(TaskEnds.class)).isSameAs(own));
	}

	private static void assertEndsUnheard(ApplicationContext context) throws InterruptedException {
		TaskClient tasks = context.getBean(TaskClient.class);
		TaskEnd end = tasks.enqueueAndAwait(new Quick(), LONG);
		assertThat(end.outcome()).isEqualTo(TaskEnd.Outcome.GONE);
		UUID unknown = UUID.randomUUID();
		assertThat(tasks.await(unknown, LONG)).isEqualTo(new TaskEnd(unknown, TaskEnd.Outcome.GONE, null));
		assertThat(context.getBean(TaskEndWatch.class).isListening()).isFalse();
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
