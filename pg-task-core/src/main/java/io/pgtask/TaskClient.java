package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

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

}
