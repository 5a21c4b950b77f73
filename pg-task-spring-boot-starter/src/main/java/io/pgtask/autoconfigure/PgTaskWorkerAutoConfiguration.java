package io.pgtask.autoconfigure;

import java.util.concurrent.Executor;

import io.pgtask.StepGate;
import io.pgtask.StepInterceptor;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectStarts;
import io.pgtask.store.Wakeups;
import io.pgtask.worker.FailureSettings;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerBuilder;
import io.pgtask.worker.WorkerEvents;
import io.pgtask.worker.WorkerSettings;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnThreading;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the worker, which runs the steps
 * of this node.
 */
@AutoConfiguration(after = PgTaskAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "pg-task.worker.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "pg-task.read-only", havingValue = false, matchIfMissing = true)
@EnableConfigurationProperties(LifecycleProperties.class)
public final class PgTaskWorkerAutoConfiguration {

	private static final String EXECUTOR = "pgTaskExecutor";

	@Bean
	@ConditionalOnMissingBean
	TaskRegistry pgTaskRegistry(ConfigurableListableBeanFactory beanFactory, PgTaskProperties properties) {
		return new TaskStepBeans(beanFactory).register(new StepSettingsSource(beanFactory, properties));
	}

	@Bean
	@ConditionalOnMissingBean
	StepCodec pgTaskStepCodec(StateJsonMapper mapper, TaskRegistry registry) {
		StepCodec codec = new StepCodec(mapper.mapper(), registry);
		codec.verify();
		return codec;
	}

	@Bean
	@ConditionalOnMissingBean
	WorkerSettings pgTaskWorkerSettings(PgTaskProperties properties) {
		return properties.worker().toSettings();
	}

	@Bean
	@ConditionalOnMissingBean
	FailureSettings pgTaskFailureSettings(PgTaskProperties properties) {
		return properties.failures().toSettings();
	}

	@Bean
	@ConditionalOnMissingBean
	Worker pgTaskWorker(PgTaskDatabase database, TaskRegistry registry, StepCodec codec, WorkerSettings settings,
			FailureSettings failures, ObjectProvider<StepGate> gates, @Qualifier(EXECUTOR) Executor executor,
			ObjectProvider<StepInterceptor> interceptors, ObjectProvider<WorkerEvents> events,
			ObjectProvider<PgTaskWorkerCustomizer> customizers, StepTransactions transactions) {
		WorkerBuilder builder = Worker.builder(database.dataSource(), database.table(), registry, codec)
			.settings(settings)
			.failures(failures)
			.executor(executor)
			.gates(gates.orderedStream().toList())
			.interceptors(interceptors.orderedStream().toList())
			.events(new CompositeWorkerEvents(events.orderedStream().toList()));
		if (registry.hasTransactionalSteps()) {
			transactions.configure(builder, settings);
		}
		customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
		return builder.build();
	}

	@Bean
	StepTransactions pgTaskStepTransactions(PgTaskDatabase database,
			@PgTaskDataSource ObjectProvider<PlatformTransactionManager> qualified,
			ObjectProvider<PlatformTransactionManager> managers, ConnectionPoolCheck pool,
			PgTaskProperties properties) {
		return new StepTransactions(database.dataSource(), qualified, managers, pool,
				properties.errorEvents().enabled());
	}

	@Bean
	ConnectionPoolCheck pgTaskConnectionPoolCheck(ObjectProvider<DataSourcePoolMetadataProvider> pools) {
		return new ConnectionPoolCheck(pools);
	}

	@Bean
	PgTaskWorkerLifecycle pgTaskWorkerLifecycle(Worker worker, TaskRegistry registry, Wakeups wakeups,
			DirectStarts directStarts, PgTaskProperties properties) {
		wakeups.localWorker(worker::wake);
		if (properties.worker().directStart()) {
			directStarts.localWorker(worker);
		}
		return new PgTaskWorkerLifecycle(worker, registry, properties.worker().autoStartup(),
				properties.worker().phase());
	}

	@Bean
	PgTaskWorkerCheck pgTaskWorkerCheck(Worker worker, TaskRegistry registry, PgTaskDatabase database,
			ConnectionPoolCheck pool, PgTaskProperties properties, LifecycleProperties lifecycle) {
		return new PgTaskWorkerCheck(worker, registry, database, pool, properties.errorEvents().enabled(),
				lifecycle.getTimeoutPerShutdownPhase());
	}

	@Bean
	static LazyInitializationExcludeFilter eagerPgTaskWorker() {
		return LazyInitializationExcludeFilter.forBeanTypes(PgTaskWorkerLifecycle.class);
	}

	/**
	 * The worker bounds the number of threads by its slots, so that neither executor
	 * needs a bound. Both go on while the context closes: steps then still finish.
	 */
	@Configuration(proxyBeanMethods = false)
	static class ExecutorConfiguration {

		private static final String THREAD_NAME_PREFIX = "pg-task-step-";

		@Bean(name = EXECUTOR, defaultCandidate = false)
		@ConditionalOnMissingBean(name = EXECUTOR)
		@ConditionalOnThreading(Threading.VIRTUAL)
		SimpleAsyncTaskExecutor pgTaskVirtualThreadExecutor() {
			SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor(THREAD_NAME_PREFIX);
			executor.setVirtualThreads(true);
			return executor;
		}

		@Bean(name = EXECUTOR, defaultCandidate = false)
		@ConditionalOnMissingBean(name = EXECUTOR)
		@ConditionalOnThreading(Threading.PLATFORM)
		ThreadPoolTaskExecutor pgTaskPlatformThreadExecutor() {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setThreadNamePrefix(THREAD_NAME_PREFIX);
			executor.setCorePoolSize(0);
			executor.setQueueCapacity(0);
			executor.setAcceptTasksAfterContextClose(true);
			return executor;
		}

	}

}
