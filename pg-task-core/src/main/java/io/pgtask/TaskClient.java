package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Enqueues tasks. Every method joins the running Spring transaction of the client's
 * {@code DataSource}: if it rolls back, the task never existed; when it commits, the task
 * will run. Without one, every call is a transaction of its own.
 * <p>
 * The state's class tells the task type: the sealed interface it implements, or the class
 * itself for a task of a single step. No step bean is needed, so an application that only
 * produces tasks can use the client alone.
 * <p>
 * All methods throw {@link InvalidStateException} before the database is touched when the
 * state belongs to no task or cannot be written, {@link NullPointerException} for a
 * {@code null} argument, and {@link org.springframework.dao.DataAccessException} when the
 * row cannot be inserted.
 */
public interface TaskClient {

	/**
	 * Enqueue a task that is due at once.
	 * @param state the first step's state, must not be {@code null}
	 * @return the task's id
	 */
	UUID enqueue(Object state);

	/**
	 * Enqueue a task that is due after a delay, counted by the database's clock.
	 * @param state the first step's state, must not be {@code null}
	 * @param delay how long to wait, must not be {@code null}; used to the microsecond,
	 * rounded up
	 * @return the task's id
	 * @throws IllegalArgumentException if the delay is negative
	 */
	UUID delay(Object state, Duration delay);

	/**
	 * Enqueue a task that is due at an instant of the database's clock; an instant in the
	 * past means at once.
	 * @param state the first step's state, must not be {@code null}
	 * @param instant when to run the task, must not be {@code null}
	 * @return the task's id
	 */
	UUID schedule(Object state, Instant instant);

	/**
	 * Enqueue a task with options.
	 * <p>
	 * With a unique key exactly one of any number of concurrent callers enqueues the
	 * task; the others wait until that one's transaction has ended, and then do what
	 * their {@link OnConflict} says. No conflict makes the database abort the running
	 * transaction, except in the isolation levels above {@code READ COMMITTED}, where it
	 * cannot serialize what another transaction has changed meanwhile. A reserved task
	 * gives way to one that is enqueued with {@link OnConflict#KEEP} or
	 * {@link OnConflict#REPLACE}.
	 * @param state the first step's state, must not be {@code null}
	 * @param options how to enqueue it, must not be {@code null}
	 * @return the id of the task, which is that of an existing one if that was kept or
	 * replaced
	 * @throws DuplicateTaskException if a living task has the unique key, and is not to
	 * be kept and cannot be replaced
	 * @throws IllegalArgumentException if PostgreSQL cannot hold an option
	 */
	UUID enqueue(Object state, TaskOptions options);

	/**
	 * Enqueue many tasks that are due at once.
	 * @param states the first steps' states, of any task types, or {@link TaskRequest}s
	 * for tasks with options of their own
	 * @return the tasks' ids, in the order of the states
	 * @see #enqueueAll(Iterable, TaskOptions)
	 */
	default List<UUID> enqueueAll(Iterable<?> states) {
		return enqueueAll(states, TaskOptions.DEFAULT);
	}

	/**
	 * Enqueue many tasks that are due at once.
	 * @param states the first steps' states, of any task types, or {@link TaskRequest}s
	 * for tasks with options of their own; consumed, but not closed
	 * @return the tasks' ids, in the order of the states
	 * @see #enqueueAll(Iterable, TaskOptions)
	 */
	default List<UUID> enqueueAll(Stream<?> states) {
		Objects.requireNonNull(states, "The states must not be null");
		return enqueueAll(states.map(Object.class::cast)::iterator, TaskOptions.DEFAULT);
	}

	/**
	 * Enqueue many tasks, all or none. A million states take neither a million round
	 * trips nor a heap that holds them: they are sent in portions while the states are
	 * iterated over. All become visible, and workers are woken, once, when the
	 * transaction is committed. If the method throws, none of the tasks is enqueued, also
	 * if the caller's transaction goes on.
	 * <p>
	 * Tasks with unique keys behave as if they were enqueued one after the other, but
	 * cost several times more than others. Two callers that use the same keys in
	 * different orders at the same time may end up in a deadlock, which fails one of them
	 * as a whole.
	 * @param states the first steps' states, of any task types, or {@link TaskRequest}s
	 * for tasks with options of their own; the iterator may use the database
	 * @param options how to enqueue all that are no requests; without an id
	 * @return the tasks' ids, in the order of the states, in 16 bytes each
	 * @throws DuplicateTaskException as {@link #enqueue(Object, TaskOptions)} does
	 * @throws IllegalArgumentException if the options have an id, or PostgreSQL cannot
	 * hold one of them
	 */
	List<UUID> enqueueAll(Iterable<?> states, TaskOptions options);

	/**
	 * Put a task into the table that no worker sees until it is confirmed. If it is not
	 * confirmed in time it vanishes. So a task can be prepared before something happens
	 * that is no part of the transaction, and confirmed afterwards.
	 * @param state the first step's state, must not be {@code null}
	 * @param options how to enqueue it; a unique key is taken from now on, unless someone
	 * enqueues a task with it in earnest. {@link OnConflict#REPLACE} is not possible, as
	 * the task that is there was promised to run
	 * @param confirmWithin how long to wait for the confirmation, by the database's
	 * clock; more than zero
	 * @return the id to confirm; it may be that of an existing task if the options say
	 * {@link OnConflict#KEEP}
	 * @throws DuplicateTaskException as {@link #enqueue(Object, TaskOptions)} does
	 * @throws IllegalArgumentException if the options say {@code REPLACE}, or the time is
	 * not more than zero
	 * @throws PgTaskConfigurationException if the table is shared with Rust workers,
	 * which would run the task unconfirmed
	 */
	UUID reserve(Object state, TaskOptions options, Duration confirmWithin);

	/**
	 * Let a reserved task run when it is due. Any node may confirm.
	 * @param id the task's id
	 * @return whether this call has confirmed it: not if the time was over, if it was
	 * confirmed before, or if there is no such task
	 */
	default boolean confirm(UUID id) {
		Objects.requireNonNull(id, "The task's id must not be null");
		return !confirmAll(List.of(id)).isEmpty();
	}

	/**
	 * Let many reserved tasks run when they are due.
	 * @param ids the tasks' ids
	 * @return those that this call has confirmed
	 */
	Set<UUID> confirmAll(Collection<UUID> ids);

	/**
	 * Enqueue a task that is due at once, and wait until it ends on whatever node. This
	 * is the surest way to learn how a task ends, because nothing of it can be missed.
	 * @param state the first step's state, must not be {@code null}
	 * @param timeout how long to wait at most, must not be {@code null}
	 * @return how the task ended, an error included; {@link TaskEnd.Outcome#GONE} only if
	 * the connection that listens was not there at that moment, or may not be used
	 * @throws AwaitTimeoutException if the task has not ended by then; it has been
	 * enqueued and goes on
	 * @throws InterruptedException if the thread is interrupted; the task goes on
	 * @throws IllegalArgumentException if the timeout is negative
	 * @throws IllegalStateException within a transaction, where the wait would never end,
	 * or when the application is shutting down
	 */
	TaskEnd enqueueAndAwait(Object state, Duration timeout) throws InterruptedException;

	/**
	 * Wait until a task ends on whatever node. To be called neither within a transaction
	 * nor by a step, which would keep its slot from the task it waits for.
	 * <p>
	 * The row of a task that is done is deleted. So a task that had ended before this was
	 * called, or that never existed, ends as {@link TaskEnd.Outcome#GONE} at once.
	 * @param id the task's id, must not be {@code null}
	 * @param timeout how long to wait at most, must not be {@code null}
	 * @return how the task ended, an error included
	 * @throws AwaitTimeoutException if the task has not ended by then; it goes on
	 * @throws InterruptedException if the thread is interrupted; the task goes on
	 * @throws IllegalArgumentException if the timeout is negative
	 * @throws IllegalStateException within a transaction, where the wait may never end,
	 * or when the application is shutting down
	 */
	TaskEnd await(UUID id, Duration timeout) throws InterruptedException;

	/**
	 * Tell when a task ends on whatever node. Nothing blocks, and any number of tasks
	 * share a connection. Within a transaction the wait begins when that has ended:
	 * whoever blocks for the future before that may wait forever.
	 * @param id the task's id, must not be {@code null}
	 * @return completes with how the task ended, as for {@link #await}, on a thread of
	 * the common pool; cancel it, or give it a timeout, to wait no longer. It fails with
	 * an {@link IllegalStateException} only when the application shuts down, and is lost
	 * with its node, while the task is not
	 */
	CompletableFuture<TaskEnd> whenEnded(UUID id);

}
