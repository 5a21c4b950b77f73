package io.pgtask.benchmark;

import java.sql.Connection;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.benchmark.contender.Contender;
import io.pgtask.benchmark.contender.Engine;
import io.pgtask.benchmark.contender.Progress;
import io.pgtask.benchmark.contender.Workload;
import org.jspecify.annotations.Nullable;

/**
 * A contender in its process.
 */
final class NodeSession implements NodeApi {

	private final Contender contender;

	private final Database database;

	private @Nullable Run run;

	NodeSession(Contender contender, Database database) {
		this.contender = contender;
		this.database = database;
	}

	@Override
	public void createTables() throws Exception {
		this.contender.createTables(this.database.unpooled());
	}

	@Override
	public String description() throws Exception {
		return this.contender.description(this.database.unpooled());
	}

	@Override
	public void fill(Workload workload, int tasks) throws Exception {
		this.contender.fill(this.database.unpooled(), workload, tasks);
	}

	@Override
	public void open(Workload workload, int tasks, int connections) throws Exception {
		HikariDataSource pool = this.database.pool(Math.max(connections, this.contender.connections()));
		Progress progress = new Progress(workload, tasks);
		this.run = new Run(pool, this.database.unpooled().getConnection(), progress,
				this.contender.open(pool, workload, progress));
	}

	@Override
	public void start() {
		run().engine().start();
	}

	@Override
	public long finished() {
		return run().progress().finished();
	}

	@Override
	public boolean isDrained() throws Exception {
		return this.contender.isDrained(run().ownConnection());
	}

	@Override
	public long[] starts() {
		return run().progress().starts();
	}

	@Override
	public void enqueue(int tasks, int threads) throws Exception {
		new LoadGenerator(run().engine()).enqueue(tasks, threads);
	}

	@Override
	public void enqueueAll(int tasks) throws Exception {
		run().engine().enqueueAll(tasks);
	}

	@Override
	public Departures enqueueAtPace(int tasks, Departures.Pace pace) throws Exception {
		return new LoadGenerator(run().engine()).enqueueAtPace(tasks, pace);
	}

	@Override
	public void close() throws Exception {
		Run closing = run();
		this.run = null;
		closing.engine().close();
		closing.ownConnection().close();
		closing.pool().close();
	}

	private Run run() {
		if (this.run == null) {
			throw new IllegalStateException("No engine is open");
		}
		return this.run;
	}

	/** Everything that lives from open to close. */
	private record Run(HikariDataSource pool, Connection ownConnection, Progress progress, Engine engine) {
	}

}
