package io.pgtask.worker;

import java.util.List;
import java.util.concurrent.Executor;

import javax.sql.DataSource;

import io.pgtask.StepGate;
import io.pgtask.StepInterceptor;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.TaskTable;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.PlatformTransactionManager;

/**
 * What a worker is made of, the same for every start.
 */
record WorkerParts(DataSource dataSource, TaskTable table, TaskRegistry registry, StepCodec codec,
		WorkerSettings settings, FailureSettings failures, @Nullable Executor executor, List<StepGate> gates,
		List<StepInterceptor> interceptors, WorkerEvents events,
		@Nullable PlatformTransactionManager transactionManager, int transactionalConcurrency) {
}
