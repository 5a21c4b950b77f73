package io.pgtask.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.pgtask.test.ForkedJvm;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of its own, some application processes, and a load from outside. Every fault
 * that strikes one of them is in the history of the suite.
 */
final class Cluster implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Cluster.class);

	private final Settings settings;

	private final ClusterDatabase database;

	private final Journal journal;

	private final Random random;

	private final List<NodeProcess> nodes = new ArrayList<>();

	private @Nullable NodeProcess witness;

	private int started;

	/** A task that is enqueued by the process itself starts directly now and then. */
	private int rateOfNodes = 10;

	Cluster(Settings settings) throws IOException {
		this.settings = settings;
		this.random = new Random(settings.seed());
		this.journal = new Journal(settings.directory(), "suite");
		this.database = new ClusterDatabase(settings.server());
	}

	Random random() {
		return this.random;
	}

	ClusterDatabase database() {
		return this.database;
	}

	Journal journal() {
		return this.journal;
	}

	/** The processes, those that have died included until they are replaced. */
	List<NodeProcess> nodes() {
		return List.copyOf(this.nodes);
	}

	/** Those that may be killed or replaced. */
	List<NodeProcess> victims() {
		return this.nodes.stream().filter((node) -> node != this.witness).toList();
	}

	NodeProcess anyNode() {
		return anyOf(this.nodes);
	}

	NodeProcess anyVictim() {
		return anyOf(victims());
	}

	private NodeProcess anyOf(List<NodeProcess> nodes) {
		return nodes.get(this.random.nextInt(nodes.size()));
	}

	/** Begins to enqueue from outside. */
	Load load(String producer, int rate) {
		return new Load(producer, this.journal, this.database.client(), this.database.dataSource(), rate,
				this.settings.poison(), this.random.nextLong());
	}

	void start(Steps.Release release) throws IOException {
		String name = "node" + ++this.started;
		Node.Start start = new Node.Start(name, this.settings.directory(), this.database.url(),
				this.database.username(), this.database.password(), release, this.rateOfNodes, this.random.nextLong(),
				this.settings.maxDeliveries());
		this.nodes.add(new NodeProcess(name, release,
				ForkedJvm.start(Node.class, this.settings.directory().resolve(name + ".log"), start.arguments())));
	}

	/**
	 * Starts a process that lives through it all, and would show what grows in it.
	 */
	void startWitness() throws IOException {
		start(Steps.Release.OLD);
		this.witness = this.nodes.get(this.nodes.size() - 1);
	}

	void kill(NodeProcess node) throws IOException {
		strike("kill", node.name(), node.jvm()::kill, () -> {
		});
		this.nodes.remove(node);
		start(node.release());
	}

	/** Makes processes stand still until others may have their tasks. */
	void pause(List<NodeProcess> nodes, Deed pause) throws Exception {
		for (NodeProcess node : nodes) {
			node.jvm().freeze();
		}
		long frozen = Journal.now();
		pause.accomplish();
		for (NodeProcess node : nodes) {
			node.jvm().thaw();
			record(Event.PAUSE, node.name(), frozen, Journal.now(), Journal.now());
		}
	}

	/** Stops a process as an orderly shutdown does, and starts another version. */
	void replace(NodeProcess node, Steps.Release release) throws Exception {
		stop(node);
		start(release);
	}

	private void stop(NodeProcess node) throws Exception {
		this.nodes.remove(node);
		node.jvm().close();
	}

	/** Starts anew what has ended by itself. */
	void replaceDead() throws IOException {
		for (NodeProcess node : nodes()) {
			if (!node.jvm().isAlive()) {
				node.jvm().requireStarted();
				record("exit", node.name(), Journal.now(), Journal.now(), Journal.now());
				this.nodes.remove(node);
				start(node.release());
			}
		}
	}

	/** Kills the server, and starts it when the pause is over. */
	void crash(Deed pause) {
		strike("crash", Event.EVERY_PROCESS, this.database::crash, () -> {
			pause.accomplish();
			this.database.restart();
		});
	}

	void terminateConnections() {
		strike("terminate", Event.EVERY_PROCESS, this.database::terminateConnections, () -> {
		});
	}

	/** Lets the application of a process use up its pool for some time. */
	void exhaustPool(NodeProcess node) {
		tell(node, Node.EXHAUST_POOL);
	}

	/** Lets the processes go on without enqueueing, and those that are still to come. */
	void endLoads() {
		this.rateOfNodes = 0;
		for (NodeProcess node : this.nodes) {
			tell(node, Node.END_LOAD);
		}
	}

	private static void tell(NodeProcess node, char order) {
		try {
			node.jvm().tell(order);
		}
		catch (IOException ex) {
			logger.info("{} has ended, and takes no order", node.name());
		}
	}

	private void strike(String name, String whom, Deed deed, Deed end) {
		try {
			long begin = Journal.now();
			deed.accomplish();
			long struck = Journal.now();
			end.accomplish();
			record(name, whom, begin, struck, Journal.now());
		}
		catch (Exception ex) {
			throw new IllegalStateException("The fault " + name + " cannot be made", ex);
		}
	}

	private void record(String name, String whom, long begin, long struck, long over) {
		this.journal.write(new Event(Event.Kind.FAULT, whom, struck, "", "", "", begin, over, name, true), "");
	}

	/**
	 * Stops all processes as an orderly shutdown does, and records what is left. What no
	 * step can read is parked, and no task of ours.
	 */
	void stop() throws Exception {
		replaceDead();
		for (NodeProcess node : nodes()) {
			stop(node);
		}
		LeftTasks.record(this.database.jdbc(), this.journal);
	}

	@Override
	public void close() throws IOException {
		this.nodes.forEach((node) -> node.jvm().kill());
		this.database.close();
		this.journal.close();
	}

	/** Something that takes its time, or fails. */
	interface Deed {

		void accomplish() throws Exception;

	}

	/**
	 * What a cluster is like.
	 *
	 * @param directory where the journals are
	 * @param server settings of the server
	 */
	record Settings(Path directory, Map<String, String> server, boolean poison, long seed) {

		int maxDeliveries() {
			return this.poison ? Node.FEW_DELIVERIES : Node.MANY_DELIVERIES;
		}

	}

}
