package io.pgtask.autoconfigure;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.StepInterceptor;
import io.pgtask.StepInvocation;
import io.pgtask.TaskClient;
import io.pgtask.TaskStep;
import io.pgtask.autoconfigure.steps.Greeter;
import io.pgtask.autoconfigure.steps.ReadNameStep;
import io.pgtask.autoconfigure.steps.SayHelloStep;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectOffer;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PgTaskWorkerAutoConfiguration}.
 */
@TaskTableTest
@ExtendWith(OutputCaptureExtension.class)
class PgTaskWorkerAutoConfigurationTests {

	private final JdbcTemplate jdbc;

	private final ApplicationContextRunner contextRunner;

	PgTaskWorkerAutoConfigurationTests(TestDatabase database) {
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database);
	}

	@Test
	void anEnqueuedTaskRunsThroughItsStepsToItsEnd() {
		this.contextRunner.withUserConfiguration(GreeterSteps.class).run((context) -> {
			context.getBean(TaskClient.class).enqueue(new Greeter.ReadName("Ada.txt"));
			await()
				.untilAsserted(() -> assertThat(context.getBean(SayHelloStep.class).greeted()).containsExactly("Ada"));
			awaitNoTasks();
		});
	}

	@Test
	void aStepMayEnqueueTasks() {
		this.contextRunner.withUserConfiguration(GreeterSteps.class, InvitationStep.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(TaskClient.class).enqueue(new Invitation("Ada", "Grace"));
			await().untilAsserted(() -> assertThat(context.getBean(SayHelloStep.class).greeted())
				.containsExactlyInAnyOrder("Ada", "Grace"));
		});
	}

	@Test
	void aTransactionalStepRunsInATransactionWhateverItsProxy() {
		for (String proxyTargetClass : List.of("true", "false")) {
			this.contextRunner.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
				.withUserConfiguration(TransactionalSteps.class)
				.run((context) -> {
					context.getBean(TaskClient.class).enqueue(new Transfer());
					AtomicBoolean transactional = context.getBean(AtomicBoolean.class);
					await().untilTrue(transactional);
				});
		}
	}

	@Test
	void aLazyContextFindsItsStepsAndRunsThem() {
		this.contextRunner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withUserConfiguration(GreeterSteps.class)
			.run((context) -> {
				assertThat(context.getBean(Worker.class).isRunning()).isTrue();
				context.getBean(TaskClient.class).enqueue(new Greeter.ReadName("Ada.txt"));
				await().untilAsserted(
						() -> assertThat(context.getBean(SayHelloStep.class).greeted()).containsExactly("Ada"));
			});
	}

	@Test
	void withoutStepsNoWorkerStarts(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(TaskClient.class);
			assertThat(context.getBean(Worker.class).isRunning()).isFalse();
		});
		assertThat(output).containsOnlyOnce("No bean is annotated with @TaskStep");
	}

	@Test
	void aProducerHasNoWorkerAndNeedsNoCompleteSteps() {
		this.contextRunner.withPropertyValues("pg-task.worker.enabled=false")
			.withUserConfiguration(IncompleteSteps.class)
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.doesNotHaveBean(Worker.class)
					.doesNotHaveBean(TaskRegistry.class)
					.hasSingleBean(TaskClient.class);
				context.getBean(TaskClient.class).enqueue(new Greeter.ReadName("Ada.txt"));
				assertThat(countTasks()).isOne();
			});
	}

	@Test
	void theWorkerIsConfiguredByProperties() {
		this.contextRunner
			.withPropertyValues("pg-task.worker.concurrency=2", "pg-task.worker.max-deliveries=3",
					"pg-task.worker.listen=false", "pg-task.worker.lease-timeout=30s",
					"pg-task.worker.heartbeat-interval=5s")
			.run((context) -> {
				WorkerSettings settings = context.getBean(Worker.class).settings();
				assertThat(settings.concurrency()).isEqualTo(2);
				assertThat(settings.maxDeliveries()).isEqualTo(3);
				assertThat(settings.listen()).isFalse();
				assertThat(settings.leaseTimeout()).hasSeconds(30);
				assertThat(settings.heartbeatInterval()).hasSeconds(5);
			});
	}

	@Test
	void stepsRunOnPlatformThreadsOfTheirOwn() {
		this.contextRunner.withPropertyValues("spring.threads.virtual.enabled=false")
			.withUserConfiguration(ThreadSteps.class)
			.run((context) -> {
				Thread thread = runOn(context.getBean(TaskClient.class), context.getBean(ThreadSteps.class));
				assertThat(thread.getName()).startsWith("pg-task-step-");
				assertThat(thread.getClass()).isEqualTo(Thread.class);
			});
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void stepsRunOnVirtualThreadsIfTheApplicationUsesThem() {
		this.contextRunner.withPropertyValues("spring.threads.virtual.enabled=true")
			.withUserConfiguration(ThreadSteps.class)
			.run((context) -> {
				Thread thread = runOn(context.getBean(TaskClient.class), context.getBean(ThreadSteps.class));
				assertThat(thread.getName()).startsWith("pg-task-step-");
				assertThat(thread).extracting("virtual").isEqualTo(true);
			});
	}

	@Test
	void theApplicationKeepsItsOwnExecutor() {
		this.contextRunner.withUserConfiguration(GreeterSteps.class).run((context) -> {
			assertThat(context).hasBean("applicationTaskExecutor").hasBean("pgTaskExecutor");
			assertThat(context.getBeanProvider(AsyncTaskExecutor.class).getIfUnique())
				.isSameAs(context.getBean("applicationTaskExecutor"));
			assertThat(context.getBeanProvider(Executor.class).getIfUnique())
				.isSameAs(context.getBean("applicationTaskExecutor"));
		});
	}

	@Test
	void theExecutorCanBeReplaced() {
		this.contextRunner.withUserConfiguration(ThreadSteps.class, OwnExecutor.class).run((context) -> {
			Thread thread = runOn(context.getBean(TaskClient.class), context.getBean(ThreadSteps.class));
			assertThat(thread.getName()).isEqualTo("mine");
		});
	}

	@Test
	void theWorkerCanBeCustomized() {
		this.contextRunner
			.withBean(PgTaskWorkerCustomizer.class,
					() -> (builder) -> builder.settings(WorkerSettings.DEFAULT.withConcurrency(1)))
			.run((context) -> assertThat(context.getBean(Worker.class).settings().concurrency()).isOne());
	}

	@Test
	void everyPartOfTheWorkerCanBeReplaced() {
		this.contextRunner.withUserConfiguration(OwnParts.class).run((context) -> {
			assertThat(context).hasSingleBean(TaskRegistry.class)
				.hasSingleBean(WorkerSettings.class)
				.hasSingleBean(Worker.class);
			assertThat(context.getBean(TaskRegistry.class)).isSameAs(OwnParts.REGISTRY);
			assertThat(context.getBean(Worker.class)).isSameAs(context.getBean("ownWorker"));
		});
	}

	@Test
	void aTaskThatIsEnqueuedHereStartsDirectly() {
		this.contextRunner.withUserConfiguration(GreeterSteps.class).run((context) -> {
			Worker worker = context.getBean(Worker.class);
			await().until(() -> offers(worker));
			assertThat(leaseOfAnEnqueuedTask(context)).isTrue();
			awaitNoTasks();
		});
	}

	@Test
	void directStartsCanBeSwitchedOff() {
		this.contextRunner.withUserConfiguration(GreeterSteps.class)
			.withPropertyValues("pg-task.worker.direct-start=false")
			.run((context) -> {
				Worker worker = context.getBean(Worker.class);
				await().until(() -> offers(worker));
				assertThat(leaseOfAnEnqueuedTask(context)).isFalse();
				awaitNoTasks();
			});
	}

	private static boolean offers(Worker worker) {
		DirectOffer offer = worker.offer("Greeter");
		if (offer != null) {
			offer.withdrawn();
		}
		return offer != null;
	}

	/** Enqueues a task, and tells whether its row was inserted with a lease. */
	private static boolean leaseOfAnEnqueuedTask(ApplicationContext context) {
		JdbcClient joined = JdbcClient.create(context.getBean(DataSource.class));
		AtomicBoolean leased = new AtomicBoolean();
		new TransactionTemplate(context.getBean(PlatformTransactionManager.class)).executeWithoutResult((status) -> {
			UUID id = context.getBean(TaskClient.class).enqueue(new Greeter.SayHello("Ada"));
			leased.set(joined.sql("SELECT locked_by IS NOT NULL FROM pg_task WHERE id = ?")
				.param(id)
				.query(Boolean.class)
				.single());
		});
		return leased.get();
	}

	@Test
	void interceptorsWrapEveryStepInTheirOrder() {
		this.contextRunner.withUserConfiguration(GreeterSteps.class, Interceptors.class).run((context) -> {
			context.getBean(TaskClient.class).enqueue(new Greeter.SayHello("Ada"));
			await()
				.untilAsserted(() -> assertThat(context.getBean(SayHelloStep.class).greeted()).containsExactly("Ada"));
			assertThat(context.getBean(Interceptors.class).calls).containsExactly("outer", "inner");
		});
	}

	private Thread runOn(TaskClient client, ThreadSteps steps) {
		client.enqueue(new Whereami());
		await().until(() -> !steps.threads.isEmpty());
		return steps.threads.get(0);
	}

	private void awaitNoTasks() {
		await().untilAsserted(() -> assertThat(countTasks()).isZero());
	}

	private int countTasks() {
		Integer count = this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class);
		return (count != null) ? count : 0;
	}

	record Invitation(String first, String second) {
	}

	record Transfer() {
	}

	record Whereami() {
	}

	@Configuration(proxyBeanMethods = false)
	@Import({ ReadNameStep.class, SayHelloStep.class })
	static class GreeterSteps {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(ReadNameStep.class)
	static class IncompleteSteps {

	}

	@TaskStep
	static class InvitationStep implements Step<Invitation, Invitation> {

		private final TaskClient tasks;

		InvitationStep(TaskClient tasks) {
			this.tasks = tasks;
		}

		@Override
		@Transactional
		public NextStep<Invitation> run(Invitation state, StepContext context) {
			this.tasks.enqueue(new Greeter.SayHello(state.first()));
			this.tasks.enqueue(new Greeter.SayHello(state.second()));
			return NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(TransferStep.class)
	static class TransactionalSteps {

		@Bean
		AtomicBoolean transactional() {
			return new AtomicBoolean();
		}

	}

	@TaskStep
	static class TransferStep implements Step<Transfer, Transfer> {

		private final AtomicBoolean transactional;

		TransferStep(AtomicBoolean transactional) {
			this.transactional = transactional;
		}

		@Override
		@Transactional
		public NextStep<Transfer> run(Transfer state, StepContext context) {
			this.transactional.set(TransactionSynchronizationManager.isActualTransactionActive());
			return NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ThreadSteps {

		private final List<Thread> threads = new CopyOnWriteArrayList<>();

		@Bean
		@TaskStep
		Step<Whereami, Whereami> whereami() {
			return (state, context) -> {
				this.threads.add(Thread.currentThread());
				return NextStep.done();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnExecutor {

		@Bean(defaultCandidate = false)
		Executor pgTaskExecutor() {
			return (work) -> new Thread(work, "mine").start();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnParts {

		private static final TaskRegistry REGISTRY = TaskRegistry.builder().step(new SayHelloOnly()).build();

		@Bean
		TaskRegistry ownRegistry() {
			return REGISTRY;
		}

		@Bean
		WorkerSettings ownSettings() {
			return WorkerSettings.DEFAULT.withConcurrency(1);
		}

		@Bean
		Worker ownWorker(PgTaskDatabase database, TaskRegistry registry, StepCodec codec, WorkerSettings settings) {
			return Worker.builder(database.dataSource(), database.table(), registry, codec).settings(settings).build();
		}

	}

	static class SayHelloOnly implements Step<Whereami, Whereami> {

		@Override
		public NextStep<Whereami> run(Whereami state, StepContext context) {
			return NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Interceptors {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		StepInterceptor inner() {
			return (invocation) -> call("inner", invocation);
		}

		@Bean
		@Order(1)
		StepInterceptor outer() {
			return (invocation) -> call("outer", invocation);
		}

		private NextStep<?> call(String name, StepInvocation invocation) throws Exception {
			this.calls.add(name);
			return invocation.proceed();
		}

	}

}
