package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread for each connection, which claims a batch, brings it to its end, and claims
 * the next.
 */
final class FloorEngine implements Engine {

	static final int THREADS = 2;

	static final int BATCH = 500;

	private static final Logger logger = LoggerFactory.getLogger(FloorEngine.class);

	private final DataSource pool;

	private final Workload workload;

	private final Progress progress;

	private final List<Thread> threads = new ArrayList<>();

	private volatile boolean stopped;

	FloorEngine(DataSource pool, Workload workload, Progress progress) {
		this.pool = pool;
		this.workload = workload;
		this.progress = progress;
	}

	@Override
	public void start() {
		for (int i = 0; i < THREADS; i++) {
			int firstType = i;
			Thread thread = new Thread(() -> work(firstType), "floor-" + i);
			thread.start();
			this.threads.add(thread);
		}
	}

	private void work(int firstType) {
		try (Connection connection = this.pool.getConnection();
				FloorCycle cycle = new FloorCycle(connection, this.workload, firstType)) {
			while (!this.stopped) {
				int finished = cycle.run(BATCH);
				this.progress.finished(finished);
				if (finished == 0) {
					Thread.sleep(1);
				}
			}
		}
		catch (SQLException ex) {
			logger.error("The floor has broken down", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public Enqueuer enqueuer() throws SQLException {
		return new FloorEnqueuer(this.pool.getConnection(), this.workload);
	}

	@Override
	public void enqueueTogether(int first, int tasks) throws SQLException {
		try (Connection connection = this.pool.getConnection()) {
			PgTaskTable.insert(connection, this.workload, first, tasks);
		}
	}

	@Override
	public void enqueueAll(int tasks) throws SQLException {
		try (Connection connection = this.pool.getConnection()) {
			new FloorCopy(connection, this.workload).run(tasks);
		}
	}

	@Override
	public void close() {
		this.stopped = true;
		try {
			for (Thread thread : this.threads) {
				thread.join();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
