package io.pgtask.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.EmbeddedServer;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.awaitility.Awaitility.await;

/**
 * Where an {@link Exposure} is played: a database, and nodes of this JVM, whose engine is
 * patched or not.
 */
final class Stage implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final EmbeddedServer server;

	private final Path directory;

	private final Patch patch;

	private final TestDatabase database;

	private final HikariDataSource pool;

	private final JdbcClient jdbc;

	private final Wakeups wakeups;

	private final JdbcTaskClient client;

	private final Journal journal;

	private final AtomicInteger uses = new AtomicInteger();

	private final List<LocalNode> nodes = new ArrayList<>();

	/** The process that stands still for the server. */
	private @Nullable String frozen;

	Stage(EmbeddedServer server, Path directory, Patch patch) throws IOException {
		this.server = server;
		this.directory = directory;
		this.patch = patch;
		this.database = server.createDatabase("mutation");
		this.pool = pool("suite");
		TaskSchema.create(this.pool);
		this.jdbc = JdbcClient.create(this.pool);
		this.wakeups = new Wakeups(this.pool);
		this.client = new JdbcTaskClient(this.pool, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()), List.of(), this.wakeups);
		this.journal = new Journal(directory, "suite");
	}

	private HikariDataSource pool(String name) {
		String url = this.database.url() + (this.database.url().contains("?") ? "&" : "?") + "ApplicationName=" + name;
		return Node.pool(url, this.database.username(), this.database.password(), 12);
	}

	JdbcClient jdbc() {
		return this.jdbc;
	}

	Journal journal() {
		return this.journal;
	}

	/** How often the patch has acted. */
	int uses() {
		return this.uses.get();
	}

	/** Makes a node that does not work yet. */
	LocalNode node(String name) throws IOException {
		LocalNode node = new LocalNode(name, new Journal(this.directory, name), pool(name), this.patch,
				this.uses::incrementAndGet);
		this.nodes.add(node);
		return node;
	}

	LocalNode start(String name) throws IOException {
		LocalNode node = node(name);
		node.worker().start();
		return node;
	}

	void enqueue(String task) {
		this.journal.write(Event.Kind.ENQUEUE, task);
		this.client.enqueue(new Trip.First(task));
		this.journal.write(Event.Kind.ENQUEUED, task);
	}

	/** Ends the leases of all tasks at once, so that nobody has to wait for that. */
	void endLeases() {
		this.jdbc.sql("UPDATE pg_task SET lock_expires_at = clock_timestamp() WHERE locked_by IS NOT NULL").update();
	}

	/** Records that processes were struck by something. */
	void fault(String whom, String name, Cluster.Deed deed) throws Exception {
		long begin = Journal.now();
		deed.accomplish();
		long over = Journal.now();
		this.journal.write(new Event(Event.Kind.FAULT, whom, over, "", "", "", begin, over, name, true), "");
	}

	/**
	 * Stops the process of the server that writes to the disk for those who do not wait
	 * for it: until the crash nobody does so but by waiting himself.
	 */
	void freezeWalWriter() throws Exception {
		this.frozen = this.jdbc.sql("SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'walwriter'")
			.query(String.class)
			.single();
		signal("-STOP", this.frozen);
	}

	/**
	 * A process that is stopped would keep the server from being of any use to others.
	 */
	private void thawWalWriter() throws Exception {
		if (this.frozen != null) {
			signal("-CONT", this.frozen);
			this.frozen = null;
		}
	}

	private static void signal(String signal, String pid) throws Exception {
		int result = new ProcessBuilder("kill", signal, pid).inheritIO().start().waitFor();
		if (result != 0) {
			throw new IllegalStateException("kill " + signal + " has failed with " + result);
		}
	}

	void crash() throws Exception {
		fault(Event.EVERY_PROCESS, "crash", () -> {
			this.server.crash();
			this.frozen = null;
			this.server.start();
		});
	}

	/** The server may be away. */
	ConditionFactory waiting() {
		return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).ignoreExceptions();
	}

	/** How many tasks are neither done nor parked. */
	int open() {
		return this.jdbc.sql("SELECT count(*) FROM pg_task WHERE error IS NULL").query(Integer.class).single();
	}

	void awaitEnd() {
		waiting().until(() -> open() == 0);
	}

	/** Stops what lives, and finds out what has happened. */
	List<Violation> violations() throws IOException {
		this.nodes.forEach(LocalNode::stop);
		LeftTasks.record(this.jdbc, this.journal);
		return new Checker(History.read(this.directory), LocalNode.MAX_DELIVERIES, LocalNode.SLOTS).check();
	}

	@Override
	public void close() throws Exception {
		thawWalWriter();
		this.nodes.forEach(LocalNode::goOn);
		this.nodes.forEach(LocalNode::stop);
		this.wakeups.close();
		this.pool.close();
		this.journal.close();
		this.database.close();
	}

}
