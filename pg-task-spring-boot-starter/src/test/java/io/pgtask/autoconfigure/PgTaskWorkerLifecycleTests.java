package io.pgtask.autoconfigure;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.TaskStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PgTaskWorkerLifecycle}.
 */
@TaskTableTest
@ExtendWith(OutputCaptureExtension.class)
class PgTaskWorkerLifecycleTests {

	private final JdbcTemplate jdbc;

	private final ApplicationContextRunner contextRunner;

	PgTaskWorkerLifecycleTests(TestDatabase database) {
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database).withUserConfiguration(SlowSteps.class);
	}

	@Test
	void theWorkerRunsWithTheContext() {
		Worker[] worker = new Worker[1];
		this.contextRunner.run((context) -> {
			worker[0] = context.getBean(Worker.class);
			assertThat(worker[0].isRunning()).isTrue();
		});
		assertThat(worker[0].isRunning()).isFalse();
	}

	@Test
	void byDefaultTheWorkerDrainsWhileTheWebServerDoes() {
		this.contextRunner.run((context) -> assertThat(context.getBean(PgTaskWorkerLifecycle.class).getPhase())
			.isEqualTo(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE));
	}

	@Test
	void thePhaseCanBeSet() {
		this.contextRunner.withPropertyValues("pg-task.worker.phase=7")
			.run((context) -> assertThat(context.getBean(PgTaskWorkerLifecycle.class).getPhase()).isEqualTo(7));
	}

	@Test
	void aWorkerThatDoesNotStartByItselfIsStartedByHand() {
		this.contextRunner.withPropertyValues("pg-task.worker.auto-startup=false").run((context) -> {
			Worker worker = context.getBean(Worker.class);
			assertThat(worker.isRunning()).isFalse();
			context.getBean(PgTaskWorkerLifecycle.class).start();
			assertThat(worker.isRunning()).isTrue();
		});
	}

	@Test
	void stoppingReturnsAtOnceAndTellsWhenTheRunningStepHasFinished() {
		this.contextRunner.run((context) -> {
			SlowSteps steps = context.getBean(SlowSteps.class);
			context.getBean(TaskClient.class).enqueue(new Slow());
			assertThat(steps.started.await(10, TimeUnit.SECONDS)).isTrue();
			CountDownLatch stopped = new CountDownLatch(1);
			PgTaskWorkerLifecycle lifecycle = context.getBean(PgTaskWorkerLifecycle.class);
			lifecycle.stop(stopped::countDown);
			await().until(() -> context.getBean(Worker.class).status().state() == WorkerStatus.State.STOPPING);
			assertThat(stopped.getCount()).isOne();
			assertThat(lifecycle.isRunning()).isTrue();
			steps.finish.countDown();
			assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
			assertThat(lifecycle.isRunning()).isFalse();
			assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class)).isZero();
		});
	}

	@Test
	void aPausedContextLeavesTasksAloneUntilItIsRestarted() {
		this.contextRunner.run((context) -> {
			SlowSteps steps = context.getBean(SlowSteps.class);
			steps.finish.countDown();
			context.getSourceApplicationContext().pause();
			assertThat(context.getBean(Worker.class).isRunning()).isFalse();
			context.getBean(TaskClient.class).enqueue(new Slow());
			assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task WHERE locked_by IS NULL", Integer.class))
				.isOne();
			context.getSourceApplicationContext().restart();
			await().untilAsserted(
					() -> assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class)).isZero());
		});
	}

	@Test
	void otherBeansOutliveTheStepsThatUseThem() {
		this.contextRunner.withBean(Probe.class).run((context) -> {
			SlowSteps steps = context.getBean(SlowSteps.class);
			context.getBean(TaskClient.class).enqueue(new Slow());
			assertThat(steps.started.await(10, TimeUnit.SECONDS)).isTrue();
			Thread closing = new Thread(() -> context.getSourceApplicationContext().close());
			closing.start();
			await().until(() -> context.getBean(Worker.class).status().state() == WorkerStatus.State.STOPPING);
			assertThat(context.getBean(Probe.class).isRunning()).isTrue();
			steps.finish.countDown();
			closing.join();
			assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class)).isZero();
		});
	}

	@Test
	void aShutdownTimeoutThatTheContextDoesNotGrantIsToldAbout(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("pg-task.worker.shutdown-timeout=20s",
					"spring.lifecycle.timeout-per-shutdown-phase=20s")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce(
				"pg-task.worker.shutdown-timeout (PT20S) is not shorter than spring.lifecycle.timeout-per-shutdown-phase");
	}

	record Slow() {
	}

	@Configuration(proxyBeanMethods = false)
	static class SlowSteps {

		private final CountDownLatch started = new CountDownLatch(1);

		private final CountDownLatch finish = new CountDownLatch(1);

		@Bean
		@TaskStep
		Step<Slow, Slow> slow() {
			return (state, context) -> {
				this.started.countDown();
				this.finish.await();
				return NextStep.done();
			};
		}

	}

	static class Probe implements SmartLifecycle {

		private volatile boolean running;

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return 0;
		}

	}

}
