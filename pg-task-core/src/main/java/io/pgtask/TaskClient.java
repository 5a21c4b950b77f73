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

}
