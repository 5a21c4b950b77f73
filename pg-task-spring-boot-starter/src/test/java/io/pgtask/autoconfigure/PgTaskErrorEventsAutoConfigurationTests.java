package io.pgtask.autoconfigure;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.TaskErrorEvent;
import io.pgtask.TaskStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.TaskErrorSubscription;
import io.pgtask.worker.Worker;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link PgTaskErrorEventsAutoConfiguration}.
 */
@TaskTableTest
class PgTaskErrorEventsAutoConfigurationTests {

	private final JdbcTemplate jdbc;

	private final ApplicationContextRunner contextRunner;

	PgTaskErrorEventsAutoConfigurationTests(TestDatabase database) {
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database)
			.withConfiguration(AutoConfigurations.of(PgTaskErrorEventsAutoConfiguration.class))
			.withPropertyValues("pg-task.error-events.enabled=true")
			.withUserConfiguration(Listener.class);
	}

	@Test
	void aTaskThatIsParkedByThisNodeIsAnEvent() {
		this.contextRunner.withUserConfiguration(FailingStep.class).run((context) -> {
			awaitListening(context.getBean(TaskErrorSubscription.class));
			UUID id = context.getBean(TaskClient.class).enqueue(new Broken());
			List<TaskErrorEvent> events = context.getBean(Listener.class).events;
			await().untilAsserted(() -> assertThat(events).singleElement().satisfies((event) -> {
				assertThat(event.taskId()).isEqualTo(id);
				assertThat(event.taskType()).isEqualTo("Broken");
				assertThat(event.step()).isEqualTo("Broken");
				assertThat(event.error()).contains("out of order");
			}));
		});
	}

	@Test
	void aProducerIsToldOfTasksThatAreParkedElsewhere() {
		this.contextRunner.withPropertyValues("pg-task.worker.enabled=false")
			.run((context) -> assertIsToldOfForeignErrors(context.getBean(TaskErrorSubscription.class),
					context.getBean(Listener.class)));
	}

	@Test
	void aNodeWhoseWorkerIsStoppedOrDoesNotListenIsToldAllTheSame() {
		this.contextRunner.withPropertyValues("pg-task.worker.listen=false")
			.withUserConfiguration(FailingStep.class)
			.run((context) -> {
				context.getBean(Worker.class).stop().join();
				assertIsToldOfForeignErrors(context.getBean(TaskErrorSubscription.class),
						context.getBean(Listener.class));
			});
	}

	@Test
	void eventsAreNotPublishedUnlessAskedFor() {
		this.contextRunner.withPropertyValues("pg-task.error-events.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(TaskErrorSubscription.class));
	}

	@Test
	void theSubscriptionCanBeReplaced() {
		TaskErrorSubscription own = mock(TaskErrorSubscription.class);
		this.contextRunner.withBean("own", TaskErrorSubscription.class, () -> own)
			.run((context) -> assertThat(context.getBean(TaskErrorSubscription.class)).isSameAs(own));
	}

	@Test
	void eventsGoOnWhileTheWorkerDrains() {
		this.contextRunner.run((context) -> assertThat(context.getBean(PgTaskErrorEventsLifecycle.class).getPhase())
			.isLessThan(context.getBean(PgTaskWorkerLifecycle.class).getPhase()));
	}

	@Test
	void aPausedContextIsNotToldUntilItIsRestarted() {
		this.contextRunner.run((context) -> {
			TaskErrorSubscription subscription = context.getBean(TaskErrorSubscription.class);
			awaitListening(subscription);
			context.getSourceApplicationContext().pause();
			assertThat(subscription.isListening()).isFalse();
			context.getSourceApplicationContext().restart();
			assertIsToldOfForeignErrors(subscription, context.getBean(Listener.class));
		});
	}

	@Test
	void theConnectionOfTheEventsCountsForThePool() {
		this.contextRunner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=5")
			.withUserConfiguration(FailingStep.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("has at most 5 connections, but the worker needs 6"));
	}

	@Test
	void aProducerWithOneConnectionCannotListen() {
		this.contextRunner
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=1", "pg-task.worker.enabled=false")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("has at most one connection, and listening for errors would keep it"));
	}

	private void assertIsToldOfForeignErrors(TaskErrorSubscription subscription, Listener listener) {
		awaitListening(subscription);
		this.jdbc.update("INSERT INTO pg_task (step, error) VALUES ('{\"Foreign\":{\"Step\":null}}', 'out of order')");
		await().untilAsserted(() -> assertThat(listener.events).singleElement()
			.satisfies((event) -> assertThat(event.taskType()).isEqualTo("Foreign")));
	}

	private static void awaitListening(TaskErrorSubscription subscription) {
		await().until(subscription::isListening);
	}

	record Broken() {
	}

	@Configuration(proxyBeanMethods = false)
	static class FailingStep {

		@Bean
		@TaskStep
		Step<Broken, Broken> broken() {
			return (state, context) -> {
				throw new IllegalStateException("out of order");
			};
		}

	}

	static class Listener {

		private final List<TaskErrorEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(TaskErrorEvent event) {
			this.events.add(event);
		}

	}

}
