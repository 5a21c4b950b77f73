package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

/**
 * A way to run tasks on PostgreSQL. It lives in a process of its own, with a database of
 * its own.
 */
public interface Contender {

	/**
	 * Describe how it is configured.
	 * @param database the database, with its tables
	 * @return a few words, or several lines
	 * @throws SQLException if the database refuses
	 */
	String description(DataSource database) throws SQLException;

	/**
	 * Create the tables.
	 * @param database an empty database
	 * @throws SQLException if the database refuses
	 */
	void createTables(DataSource database) throws SQLException;

	/**
	 * Empty the tables and put a backlog into them: tasks that were due one after the
	 * other until now.
	 * @param database the database
	 * @param workload what the tasks look like
	 * @param tasks how many there are
	 * @throws SQLException if the database refuses
	 */
	void fill(DataSource database, Workload workload, int tasks) throws SQLException;

	/**
	 * Return whether every task has come to its end in the database, too.
	 * @param connection a connection
	 * @return whether nothing is left to do
	 * @throws SQLException if the database refuses
	 */
	boolean isDrained(Connection connection) throws SQLException;

	/**
	 * Return how many connections its engine uses.
	 * @return the size of its pool
	 */
	int connections();

	/**
	 * Create the engine, which runs nothing until it is started.
	 * @param pool connections that are open already
	 * @param workload what the tasks look like
	 * @param progress what the steps do
	 * @return the engine
	 */
	Engine open(DataSource pool, Workload workload, Progress progress);

}
