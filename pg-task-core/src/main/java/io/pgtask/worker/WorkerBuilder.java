package io.pgtask.worker;

import java.util.List;
import java.util.concurrent.Executor;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.StepGate;
import io.pgtask.StepInterceptor;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.TaskTable;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.PlatformTransactionManager;

/**
 * Builds a {@link Worker}.
 */
public final class WorkerBuilder {

	private final DataSource dataSource;

	private final TaskTable table;

	private final TaskRegistry registry;

	private final StepCodec codec;

	private WorkerSettings settings = WorkerSettings.DEFAULT;

	private FailureSettings failures = FailureSettings.DEFAULT;

	private @Nullable Executor executor;

	private List<StepGate> gates = List.of();

	private List<StepInterceptor> interceptors = List.of();

	private WorkerEvents events = WorkerEvents.NONE;

	private @Nullable PlatformTransactionManager transactionManager;

	private int transactionalConcurrency = Integer.MAX_VALUE;

	WorkerBuilder(DataSource dataSource, TaskTable table, TaskRegistry registry, StepCodec codec) {
		this.dataSource = dataSource;
		this.table = table;
		this.registry = registry;
		this.codec = codec;
	}

	/**
	 * Set how the worker works.
	 * @param settings the settings, {@link WorkerSettings#DEFAULT} by default
	 * @return this builder
	 */
	public WorkerBuilder settings(WorkerSettings settings) {
		this.settings = settings;
		return this;
	}

	/**
	 * Set what is done about failed and overdue attempts.
	 * @param failures the settings, {@link FailureSettings#DEFAULT} by default
	 * @return this builder
	 */
	public WorkerBuilder failures(FailureSettings failures) {
		this.failures = failures;
		return this;
	}

	/**
	 * Set what runs the steps.
	 * @param executor must have a thread for every slot, and must not run anything on the
	 * caller's thread; by default the worker has platform threads of its own
	 * @return this builder
	 */
	public WorkerBuilder executor(Executor executor) {
		this.executor = executor;
		return this;
	}

	/**
	 * Set what is asked before a step runs.
	 * @param gates the gates, in the order in which they are asked
	 * @return this builder
	 */
	public WorkerBuilder gates(List<StepGate> gates) {
		this.gates = List.copyOf(gates);
		return this;
	}

	/**
	 * Set what wraps every execution of a step.
	 * @param interceptors the interceptors, the first one outermost
	 * @return this builder
	 */
	public WorkerBuilder interceptors(List<StepInterceptor> interceptors) {
		this.interceptors = List.copyOf(interceptors);
		return this;
	}

	/**
	 * Set who measures the worker.
	 * @param events is told what the worker does
	 * @return this builder
	 */
	public WorkerBuilder events(WorkerEvents events) {
		this.events = events;
		return this;
	}

	/**
	 * Set what makes the transactions of transactional steps.
	 * @param transactionManager a manager whose transactions are on the worker's
	 * {@code DataSource}, or {@code null} if no step is transactional
	 * @return this builder
	 */
	public WorkerBuilder transactionManager(@Nullable PlatformTransactionManager transactionManager) {
		this.transactionManager = transactionManager;
		return this;
	}

	/**
	 * Set how many transactional steps run at once. Each holds a connection; a pool
	 * should have one more besides these and those of the worker.
	 * @param transactionalConcurrency the number of steps, 1 or more; by default only the
	 * concurrency of the worker bounds it
	 * @return this builder
	 */
	public WorkerBuilder transactionalConcurrency(int transactionalConcurrency) {
		if (transactionalConcurrency < 1) {
			throw new IllegalArgumentException(
					"The number of transactional steps that run at once must be 1 or more but is "
							+ transactionalConcurrency);
		}
		this.transactionalConcurrency = transactionalConcurrency;
		return this;
	}

	/**
	 * Build the worker, which does not run yet.
	 * @return the worker
	 * @throws PgTaskConfigurationException if a step is transactional and there is no
	 * transaction manager
	 */
	public Worker build() {
		if (this.transactionManager == null && this.registry.hasTransactionalSteps()) {
			throw WorkerTransactions.noManager(this.registry);
		}
		return new Worker(new WorkerParts(this.dataSource, this.table, this.registry, this.codec, this.settings,
				this.failures, this.executor, this.gates, this.interceptors, new SafeEvents(this.events),
				this.transactionManager, this.transactionalConcurrency));
	}

}
