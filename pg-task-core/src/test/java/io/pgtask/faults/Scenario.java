package io.pgtask.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * What strikes a cluster again and again, as its seed decides.
 */
enum Scenario {

	KILL_1(Scenario::killOne), KILL_3(Scenario::killThree), PAUSE(Scenario::pause), ROLLING(Scenario::roll),
	POISON(Scenario::waitForDeaths), MALFORMED(Scenario::insertMalformed), ADMIN(Scenario::administer),
	CRASH(Scenario::crash), CRASH_BACKLOG(Scenario::crashWithBacklog), TERMINATE(Scenario::terminate),
	POOL(Scenario::exhaustPool), MIXED(Scenario::mix);

	/**
	 * Settings with which a server that dies has forgotten what did not wait for its
	 * disk. Without a threshold to flush at, whatever commits without waiting would wake
	 * the process that writes.
	 */
	static final Map<String, String> FORGETFUL = Map.of("wal_writer_delay", "10s", "wal_writer_flush_after", "1GB");

	private static final List<String> MALFORMED_TEXTS = List.of("", "null", "[]", "{", "{\"Trip\":{}}",
			"{\"Trip\":{\"Fourth\":null}}", "{\"Trip\":{\"First\":{\"name\":[1]}}}", "{\"Trip\":{\"First\":7}}",
			"{\"Trip\":null}", "{\"\":{\"First\":null}}");

	private final Strike strike;

	Scenario(Strike strike) {
		this.strike = strike;
	}

	static Scenario of(String label) {
		return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
	}

	String label() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	void strike(Cluster cluster) throws Exception {
		this.strike.on(cluster);
	}

	/** Whether some of the tasks cannot end. */
	boolean hasPoison() {
		return this == POISON;
	}

	/** Whether one process is spared, to see what grows in it. */
	boolean hasWitness() {
		return this == MIXED;
	}

	private static void killOne(Cluster cluster) throws Exception {
		pause(cluster, 1000, 3000);
		cluster.kill(cluster.anyVictim());
	}

	private static void killThree(Cluster cluster) throws Exception {
		pause(cluster, 3000, 5000);
		List<NodeProcess> victims = new ArrayList<>(cluster.victims());
		if (victims.size() == cluster.nodes().size()) {
			victims.remove(cluster.random().nextInt(victims.size()));
		}
		for (NodeProcess victim : victims) {
			cluster.kill(victim);
		}
	}

	/** Where all stand still, nobody takes what the first to go on wants to write. */
	private static void pause(Cluster cluster) throws Exception {
		pause(cluster, 1000, 2000);
		boolean all = cluster.random().nextBoolean();
		cluster.pause(all ? cluster.nodes() : List.of(cluster.anyNode()),
				() -> TimeUnit.MILLISECONDS.sleep(3 * Node.LEASE.toMillis()));
		pause(cluster, 1000, 2000);
	}

	private static void roll(Cluster cluster) throws Exception {
		String name = "novelty-suite-" + UUID.randomUUID();
		cluster.journal().write(Event.Kind.ENQUEUE, name);
		cluster.database().attempt(() -> cluster.database().client().enqueue(new Novelty(name)));
		pause(cluster, 500, 1500);
		NodeProcess oldest = cluster.victims().get(0);
		cluster.replace(oldest, (oldest.release() == Steps.Release.OLD) ? Steps.Release.NEW : Steps.Release.OLD);
	}

	private static void waitForDeaths(Cluster cluster) throws Exception {
		pause(cluster, 200, 400);
	}

	/**
	 * Those of the last time are parked or of no known type, and somebody has seen them.
	 */
	private static void insertMalformed(Cluster cluster) throws Exception {
		pause(cluster, 100, 300);
		cluster.database()
			.attempt(() -> cluster.database()
				.jdbc()
				.sql("DELETE FROM pg_task WHERE priority = 9 AND (error IS NOT NULL OR task = '')")
				.update());
		for (String text : MALFORMED_TEXTS) {
			cluster.database()
				.attempt(() -> cluster.database()
					.jdbc()
					.sql("INSERT INTO pg_task (step, priority) VALUES (?, 9)")
					.param(text)
					.update());
		}
	}

	/**
	 * Rows are locked in one order here and in another there, and by statements on all.
	 */
	private static void administer(Cluster cluster) throws Exception {
		pause(cluster, 50, 150);
		Operators.act(cluster);
	}

	private static void crash(Cluster cluster) throws Exception {
		pause(cluster, 2000, 4000);
		cluster.crash(() -> pause(cluster, 0, 2000));
	}

	private static void crashWithBacklog(Cluster cluster) throws Exception {
		String name = "backlog-suite-" + UUID.randomUUID();
		List<Trip.First> backlog = IntStream.range(0, 4000).mapToObj((n) -> new Trip.First(name + "-" + n)).toList();
		backlog.forEach((state) -> cluster.journal().write(Event.Kind.ENQUEUE, state.name()));
		cluster.database().client().enqueueAll(backlog);
		backlog.forEach((state) -> cluster.journal().write(Event.Kind.ENQUEUED, state.name()));
		pause(cluster, 300, 1500);
		cluster.crash(() -> pause(cluster, 1000, 3000));
		pause(cluster, 2000, 3000);
	}

	private static void terminate(Cluster cluster) throws Exception {
		pause(cluster, 200, 200);
		cluster.terminateConnections();
	}

	private static void exhaustPool(Cluster cluster) throws Exception {
		pause(cluster, 500, 1000);
		cluster.exhaustPool(cluster.anyNode());
	}

	private static void mix(Cluster cluster) throws Exception {
		List<Scenario> kinds = List.of(KILL_1, KILL_3, PAUSE, ROLLING, MALFORMED, CRASH, TERMINATE, POOL);
		kinds.get(cluster.random().nextInt(kinds.size())).strike(cluster);
	}

	private static void pause(Cluster cluster, int shortest, int longest) throws InterruptedException {
		Thread.sleep(Duration.ofMillis(shortest + cluster.random().nextInt(longest - shortest + 1)).toMillis());
	}

	/** One blow. */
	private interface Strike {

		void on(Cluster cluster) throws Exception;

	}

}
