package io.pgtask.store;

import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.sql.DataSource;

import io.pgtask.AwaitTimeoutException;
import io.pgtask.TaskEnd;

import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Lets callers wait for the ends of tasks: by blocking, or by a future.
 */
final class TaskWaits {

	private final DataSource dataSource;

	private final TaskEnds ends;

	TaskWaits(DataSource dataSource, TaskEnds ends) {
		this.dataSource = TargetDataSource.of(dataSource);
		this.ends = ends;
	}

	TaskEnd await(UUID id, Duration timeout) throws InterruptedException {
		requireTimeout(timeout);
		requireNoTransaction();
		return get(id, this.ends.watch(id), timeout);
	}

	/**
	 * Insert a task and wait for its end.
	 * @param id the task's id
	 * @param insert inserts and commits its row, with the mark {@code awaited}
	 */
	TaskEnd await(UUID id, Runnable insert, Duration timeout) throws InterruptedException {
		requireTimeout(timeout);
		requireNoTransaction();
		CompletableFuture<TaskEnd> told = this.ends.expect(id);
		try {
			insert.run();
			this.ends.inserted(id);
			return get(id, told, timeout);
		}
		finally {
			told.cancel(false);
		}
	}

	/** What the caller does then must not keep others from being told. */
	CompletableFuture<TaskEnd> whenEnded(UUID id) {
		CompletableFuture<TaskEnd> ended = new CompletableFuture<>();
		if (isInTransaction()) {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCompletion(int status) {
					watch(id, ended);
				}

			});
		}
		else {
			watch(id, ended);
		}
		return ended;
	}

	private void watch(UUID id, CompletableFuture<TaskEnd> ended) {
		if (ended.isDone()) {
			return;
		}
		try {
			CompletableFuture<TaskEnd> told = this.ends.watch(id);
			told.whenCompleteAsync((end, failure) -> {
				if (failure != null) {
					ended.completeExceptionally(failure);
				}
				else {
					ended.complete(end);
				}
			});
			ended.whenComplete((end, failure) -> told.cancel(false));
		}
		catch (IllegalStateException ex) {
			ended.completeExceptionally(ex);
		}
	}

	private static TaskEnd get(UUID id, CompletableFuture<TaskEnd> told, Duration timeout) throws InterruptedException {
		try {
			return told.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			throw new AwaitTimeoutException(id, timeout);
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("The wait for the end of task " + id + " has failed: " + ex.getCause(), ex);
		}
		finally {
			told.cancel(false);
		}
	}

	private static void requireTimeout(Duration timeout) {
		Objects.requireNonNull(timeout, "The timeout must not be null");
		if (timeout.isNegative()) {
			throw new IllegalArgumentException("The timeout must not be negative but is " + timeout);
		}
	}

	/**
	 * Nobody else sees the task before the transaction commits, so that it would never
	 * run; and a transaction that waits for others keeps its connection from them.
	 */
	private void requireNoTransaction() {
		if (isInTransaction()) {
			throw new IllegalStateException("Waiting for the end of a task within a transaction may never end,"
					+ " because a task that was enqueued in it is not there before it commits."
					+ " Wait when the transaction has been committed, or use whenEnded");
		}
	}

	private boolean isInTransaction() {
		return TransactionSynchronizationManager.isActualTransactionActive()
				&& TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.getResource(this.dataSource) instanceof ConnectionHolder;
	}

}
