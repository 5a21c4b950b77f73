package io.pgtask.worker;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.StepGate;
import io.pgtask.StepInterceptor;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectOffer;
import io.pgtask.store.DirectStarter;
import io.pgtask.store.TaskTable;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.PlatformTransactionManager;

/**
 * Claims tasks and runs their steps. It may be started again after it has stopped; every
 * start has an identity of its own, and leaves alone what an earlier one may have left
 * behind.
 */
public final class Worker implements DirectStarter {

	private final WorkerParts parts;

	private final Object lifecycle = new Object();

	private volatile @Nullable WorkerRun run;

	private CompletableFuture<Void> stopped = CompletableFuture.completedFuture(null);

	private Worker(WorkerParts parts) {
		this.parts = parts;
	}

	/**
	 * Begin to build a worker.
	 * @param dataSource where the worker borrows its connections; it keeps
	 * {@link WorkerSettings#connections()} of them while it runs
	 * @param table the table of the tasks
	 * @param registry the steps
	 * @param codec reads and writes their states
	 * @return the builder
	 */
	public static Builder builder(DataSource dataSource, TaskTable table, TaskRegistry registry, StepCodec codec) {
		return new Builder(dataSource, table, registry, codec);
	}

	/**
	 * Start the worker, once an earlier run has stopped completely. Does nothing if it
	 * runs.
	 */
	public void start() {
		while (true) {
			CompletableFuture<Void> stopping;
			synchronized (this.lifecycle) {
				if (this.run != null && this.stopped.isDone()) {
					return;
				}
				if (this.stopped.isDone()) {
					this.run = new WorkerRun(this.parts, this::stop);
					this.run.start();
					return;
				}
				stopping = this.stopped;
			}
			stopping.join();
		}
	}

	/**
	 * Stop claiming, let running steps finish within the shutdown timeout, interrupt the
	 * rest and give back everything that has not finished.
	 * @return completes when nothing of the worker runs any more; never exceptionally
	 */
	public CompletableFuture<Void> stop() {
		synchronized (this.lifecycle) {
			WorkerRun current = this.run;
			if (current == null || !this.stopped.isDone()) {
				return this.stopped;
			}
			this.stopped = new CompletableFuture<>();
			WorkerThreads.start("pg-task-stop", () -> stop(current));
			return this.stopped;
		}
	}

	private void stop(WorkerRun current) {
		try {
			current.stop();
		}
		finally {
			synchronized (this.lifecycle) {
				this.run = null;
				this.stopped.complete(null);
			}
		}
	}

	/**
	 * Return whether the worker has been started and not yet stopped completely.
	 * @return whether it runs
	 */
	public boolean isRunning() {
		synchronized (this.lifecycle) {
			return this.run != null;
		}
	}

	/**
	 * Look for work now, because some may just have been committed, if the worker runs.
	 */
	public void wake() {
		WorkerRun current = current();
		if (current != null) {
			current.wake();
		}
	}

	/**
	 * {@inheritDoc} It offers if it runs steps of that type, has a free slot and knows of
	 * no other work.
	 */
	@Override
	public @Nullable DirectOffer offer(String taskType) {
		WorkerRun current = this.run;
		return (current != null) ? current.offer(taskType) : null;
	}

	/**
	 * Return what the worker is doing.
	 * @return its status
	 */
	public WorkerStatus status() {
		WorkerRun current = current();
		return (current != null) ? current.status()
				: new WorkerStatus(WorkerStatus.State.STOPPED, null, 0, 0, null, null, true, null, null, Set.of());
	}

	/**
	 * Return how the worker works.
	 * @return its settings
	 */
	public WorkerSettings settings() {
		return this.parts.settings();
	}

	/**
	 * Check that the transactions of transactional steps can include their transitions.
	 * Opens one to find out; does nothing if no step is transactional.
	 * @throws PgTaskConfigurationException if the transaction manager belongs to another
	 * {@code DataSource}
	 * @throws org.springframework.transaction.TransactionException if no transaction can
	 * be started
	 */
	public void verifyTransactions() {
		WorkerTransactions.verify(this.parts);
	}

	private @Nullable WorkerRun current() {
		return this.run;
	}

	/**
	 * Builds a {@link Worker}.
	 */
	public static final class Builder {

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

		private Builder(DataSource dataSource, TaskTable table, TaskRegistry registry, StepCodec codec) {
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
		public Builder settings(WorkerSettings settings) {
			this.settings = settings;
			return this;
		}

		/**
		 * Set what is done about failed and overdue attempts.
		 * @param failures the settings, {@link FailureSettings#DEFAULT} by default
		 * @return this builder
		 */
		public Builder failures(FailureSettings failures) {
			this.failures = failures;
			return this;
		}

		/**
		 * Set what runs the steps.
		 * @param executor must have a thread for every slot, and must not run anything on
		 * the caller's thread; by default the worker has platform threads of its own
		 * @return this builder
		 */
		public Builder executor(Executor executor) {
			this.executor = executor;
			return this;
		}

		/**
		 * Set what is asked before a step runs.
		 * @param gates the gates, in the order in which they are asked
		 * @return this builder
		 */
		public Builder gates(List<StepGate> gates) {
			this.gates = List.copyOf(gates);
			return this;
		}

		/**
		 * Set what wraps every execution of a step.
		 * @param interceptors the interceptors, the first one outermost
		 * @return this builder
		 */
		public Builder interceptors(List<StepInterceptor> interceptors) {
			this.interceptors = List.copyOf(interceptors);
			return this;
		}

		/**
		 * Set who measures the worker.
		 * @param events is told what the worker does
		 * @return this builder
		 */
		public Builder events(WorkerEvents events) {
			this.events = events;
			return this;
		}

		/**
		 * Set what makes the transactions of transactional steps.
		 * @param transactionManager a manager whose transactions are on the worker's
		 * {@code DataSource}, or {@code null} if no step is transactional
		 * @return this builder
		 */
		public Builder transactionManager(@Nullable PlatformTransactionManager transactionManager) {
			this.transactionManager = transactionManager;
			return this;
		}

		/**
		 * Set how many transactional steps run at once. Each holds a connection; a pool
		 * should have one more besides these and those of the worker.
		 * @param transactionalConcurrency the number of steps, 1 or more; by default only
		 * the concurrency of the worker bounds it
		 * @return this builder
		 */
		public Builder transactionalConcurrency(int transactionalConcurrency) {
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

}
