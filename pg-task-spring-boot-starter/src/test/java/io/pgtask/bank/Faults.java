package io.pgtask.bank;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.pgtask.test.ForkedJvm;
import io.pgtask.test.TestDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.awaitility.Awaitility.await;

/**
 * Two nodes of the bank, and everything bad that can happen to them. What happens and
 * when is decided by a seed.
 */
final class Faults implements AutoCloseable {

	private static final String TERMINATE = """
			SELECT count(pg_terminate_backend(pid)) FROM (
				SELECT pid FROM pg_stat_activity
				WHERE datname = current_database() AND starts_with(application_name, ?)
				ORDER BY hashtext(pid::text || ?)
				LIMIT ?) victims
			""";

	/** Those that the worker of a node keeps for itself. */
	private static final String IS_UP = """
			SELECT count(*) >= 4 FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = ?
			""";

	private final TestDatabase database;

	private final JdbcClient jdbc;

	private final boolean transactional;

	private final Path directory;

	private final Random random;

	private final List<ForkedJvm> nodes = new ArrayList<>();

	private int killed;

	private int frozen;

	private int terminated;

	Faults(TestDatabase database, boolean transactional, Path directory, long seed) throws IOException {
		this.database = database;
		this.jdbc = JdbcClient.create(database.dataSource());
		this.transactional = transactional;
		this.directory = directory;
		this.random = new Random(seed);
		this.nodes.add(startNode(0));
		this.nodes.add(startNode(1));
	}

	private ForkedJvm startNode(int number) throws IOException {
		return BankNode.start(this.database, number, this.transactional,
				this.directory.resolve("node-" + number + ".log"));
	}

	/** Lets something bad happen, and returns how long to wait for the next. */
	Duration strike() throws Exception {
		int victim = this.random.nextInt(this.nodes.size());
		awaitUp(victim);
		switch (this.random.nextInt(4)) {
			case 0, 1 -> kill(victim);
			case 2 -> freeze(victim);
			default -> terminate(1 + this.random.nextInt(5));
		}
		return Duration.ofMillis(200 + this.random.nextInt(1500));
	}

	/** To kill a node while it starts would be no test of anything. */
	private void awaitUp(int victim) {
		await().atMost(Duration.ofMinutes(1))
			.failFast(this::requireStarted)
			.until(() -> this.jdbc.sql(IS_UP).param(BankNode.SESSION_NAME + victim).query(Boolean.class).single());
	}

	private void kill(int victim) throws IOException {
		this.nodes.get(victim).kill();
		this.nodes.set(victim, startNode(victim));
		this.killed++;
	}

	/** Longer than the lease, so that the other node takes over. */
	private void freeze(int victim) throws Exception {
		ForkedJvm node = this.nodes.get(victim);
		node.freeze();
		Thread.sleep(BankNode.LEASE.plusMillis(500 + this.random.nextInt(1000)).toMillis());
		node.thaw();
		this.frozen++;
	}

	private void terminate(int sessions) {
		this.terminated += this.jdbc.sql(TERMINATE)
			.params(BankNode.SESSION_NAME, this.random.nextInt(), sessions)
			.query(Integer.class)
			.single();
	}

	/** Fails if a node could not even start. */
	void requireStarted() throws IOException {
		for (ForkedJvm node : this.nodes) {
			node.requireStarted();
		}
	}

	@Override
	public String toString() {
		return "%d kill -9, %d SIGSTOP beyond the lease, %d connections terminated".formatted(this.killed, this.frozen,
				this.terminated);
	}

	int killed() {
		return this.killed;
	}

	@Override
	public void close() throws Exception {
		for (ForkedJvm node : this.nodes) {
			node.close();
		}
	}

}
