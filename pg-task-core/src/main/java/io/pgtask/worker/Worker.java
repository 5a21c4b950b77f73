package io.pgtask.worker;

import java.util.Set;
import java.util.concurrent.CompletableFuture;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectOffer;
import io.pgtask.store.DirectStarter;
import io.pgtask.store.TaskTable;
import org.jspecify.annotations.Nullable;

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

	Worker(WorkerParts parts) {
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
	public static WorkerBuilder builder(DataSource dataSource, TaskTable table, TaskRegistry registry,
			StepCodec codec) {
		return new WorkerBuilder(dataSource, table, registry, codec);
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
		return (current != null) ? current.status() : new WorkerStatus(WorkerStatus.State.STOPPED, null, 0, 0, null,
				null, true, null, null, Set.of(), false, false);
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

}
