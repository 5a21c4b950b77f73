package io.pgtask.benchmark;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import io.pgtask.benchmark.contender.Workload;

/**
 * An entrant in a scenario: its database and its processes.
 */
final class Contestant implements AutoCloseable {

	private final Entrant entrant;

	private final BenchmarkServer server;

	private final ServerMeter meter;

	private final Database database;

	private final List<NodeProcess> nodes = new ArrayList<>();

	/**
	 * Start the processes and create the tables.
	 */
	Contestant(Entrant entrant, int processes, List<String> jvm, BenchmarkServer server, ServerMeter meter)
			throws Exception {
		this.entrant = entrant;
		this.server = server;
		this.meter = meter;
		this.database = server.createDatabase(entrant.contender().id());
		try {
			for (int i = 0; i < processes; i++) {
				this.nodes.add(new NodeProcess(entrant, jvm, this.database));
			}
			node(0).createTables();
		}
		catch (Exception ex) {
			close();
			throw ex;
		}
	}

	Entrant entrant() {
		return this.entrant;
	}

	Database database() {
		return this.database;
	}

	int processes() {
		return this.nodes.size();
	}

	NodeApi node(int index) {
		return this.nodes.get(index).api();
	}

	/**
	 * Fill the tables, and let the server come to rest.
	 */
	Meter prepare(Workload workload, int tasks) throws Exception {
		node(0).fill(workload, tasks);
		settle();
		Meter prepared = new Meter(this.meter, this.database, this.nodes);
		prepared.before();
		return prepared;
	}

	/** Let the server come to rest. */
	void settle() throws SQLException {
		this.server.checkpoint();
	}

	/** Open an engine in every process. */
	void open(Workload workload, int tasks, int connections) throws Exception {
		for (NodeProcess node : this.nodes) {
			node.api().open(workload, tasks, connections);
		}
	}

	void closeEngines() throws Exception {
		for (NodeProcess node : this.nodes) {
			node.api().close();
		}
	}

	long finished() throws Exception {
		long finished = 0;
		for (NodeProcess node : this.nodes) {
			finished += node.api().finished();
		}
		return finished;
	}

	List<ServerMeter.StatementCost> expensiveStatements() throws SQLException {
		return this.meter.expensiveStatements(this.database);
	}

	@Override
	public void close() throws IOException, SQLException {
		this.nodes.forEach(NodeProcess::close);
		this.server.dropDatabase(this.database);
	}

}
