package io.pgtask.benchmark.contender;

import java.sql.SQLException;

/**
 * The part of a {@link Contender} that runs tasks, and that an application enqueues them
 * by.
 */
public interface Engine extends AutoCloseable {

	/**
	 * Run tasks from now on.
	 */
	void start();

	/**
	 * Return a way to enqueue tasks one by one.
	 * @return the way, for one thread, which closes it
	 * @throws SQLException if the database refuses
	 */
	Enqueuer enqueuer() throws SQLException;

	/**
	 * Enqueue tasks in one transaction.
	 * @param first the number of the first task
	 * @param tasks how many
	 * @throws SQLException if the database refuses
	 */
	void enqueueTogether(int first, int tasks) throws SQLException;

	/**
	 * Enqueue tasks by the fastest way there is for many.
	 * @param tasks how many
	 * @throws SQLException if the database refuses
	 */
	default void enqueueAll(int tasks) throws SQLException {
		throw new UnsupportedOperationException("There is no way to enqueue many tasks at once");
	}

	/**
	 * Stop running tasks.
	 */
	@Override
	void close();

	/**
	 * Enqueues tasks one by one.
	 */
	interface Enqueuer extends AutoCloseable {

		/**
		 * Enqueue a task in a transaction of its own.
		 * @param number the number of the task
		 * @throws SQLException if the database refuses
		 */
		void enqueue(int number) throws SQLException;

		@Override
		default void close() throws SQLException {
		}

	}

}
