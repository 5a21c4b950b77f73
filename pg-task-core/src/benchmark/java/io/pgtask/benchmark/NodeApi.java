package io.pgtask.benchmark;

import io.pgtask.benchmark.contender.Workload;

/**
 * What the benchmark tells a {@link Node} to do. Parameters and results are serializable.
 */
interface NodeApi {

	void createTables() throws Exception;

	String description() throws Exception;

	/** Empty the tables and put a backlog into them. */
	void fill(Workload workload, int tasks) throws Exception;

	/**
	 * Create an engine that does not run yet.
	 * @param tasks how many tasks there may be in the run
	 * @param connections the size of its pool, at least the one it needs itself
	 */
	void open(Workload workload, int tasks, int connections) throws Exception;

	void start() throws Exception;

	/** Return how many tasks have come to their end here. */
	long finished() throws Exception;

	boolean isDrained() throws Exception;

	/** Return when each task started here. */
	long[] starts() throws Exception;

	/** Enqueue tasks as fast as so many threads can, one in each transaction. */
	void enqueue(int tasks, int threads) throws Exception;

	/** Enqueue tasks by the fastest way there is for many. */
	void enqueueAll(int tasks) throws Exception;

	/** Enqueue tasks at a given pace, whether or not they keep up. */
	Departures enqueueAtPace(int tasks, Departures.Pace pace) throws Exception;

	/** Close the engine and its pool. */
	void close() throws Exception;

}
