package io.pgtask.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

import io.pgtask.test.ForkedJvm;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Presence} and {@link Observer}: processes whose leases are long are
 * killed, or stand still. In about half of the rounds the one that is killed is the one
 * that looks for dead workers.
 */
@TaskTableTest
@Tag("faults")
class TakeoverProcessTests {

	private static final String ROUNDS = "pgtask.takeover.rounds";

	private static final int SHORT_FORM = 3;

	private static final Duration LEASE = Duration.ofSeconds(60);

	private static final Duration PROMISED = Duration.ofSeconds(5);

	/** Much less than a lease, whatever else the machine is doing. */
	private static final Duration SHORT_FORM_LIMIT = Duration.ofSeconds(20);

	private final WorkerHarness harness;

	private final History history;

	private final ForkedWorkers workers;

	TakeoverProcessTests(TestDatabase database, @TempDir Path directory) {
		this.harness = new WorkerHarness(database);
		this.history = History.begin(database.dataSource());
		this.workers = new ForkedWorkers(database, directory);
	}

	@BeforeEach
	void clearHistory() {
		this.history.clear();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.workers.close();
	}

	@Test
	void theTasksOfAKilledProcessRunElsewhereWithinSecondsAlthoughTheirLeasesAreLong() throws Exception {
		int rounds = Integer.getInteger(ROUNDS, SHORT_FORM);
		List<Duration> took = new ArrayList<>();
		start("survivor");
		for (int round = 1; round <= rounds; round++) {
			took.add(killAndWait("victim-" + round));
		}
		Collections.sort(took);
		Duration median = took.get(rounds / 2);
		Duration p99 = took.get((int) Math.ceil(0.99 * rounds) - 1);
		System.out.printf("Tasks of a killed process ran elsewhere after %d ms (p50), %d ms (p99); %d rounds%n",
				median.toMillis(), p99.toMillis(), rounds);
		assertThat(p99).isLessThanOrEqualTo((rounds > SHORT_FORM) ? PROMISED : SHORT_FORM_LIMIT);
		this.workers.eventually().until(() -> this.harness.count() == 0);
		assertThat(this.history.startedAfterSaved()).as("finished steps that ran again").isEmpty();
		assertThat(this.history.savedTwice()).isEmpty();
	}

	private Duration killAndWait(String name) throws IOException {
		ForkedJvm victim = start(name);
		this.workers.eventually().until(() -> present() == 2);
		this.harness.jdbc().sql("""
				INSERT INTO pg_task (step) SELECT '{"Journey":{"Start":{"name":"long"}}}' FROM generate_series(1, 8)
				""").update();
		this.workers.eventually().until(() -> this.history.startedBy(name) > 0);
		victim.kill();
		long killed = System.nanoTime();
		List<String> lost = this.history.inFlight(name, this.history.mark("killed " + name));
		assertThat(lost).isNotEmpty();
		this.workers.eventually()
			.pollInterval(Duration.ofMillis(20))
			.until(() -> this.history.startedAgain().containsAll(lost));
		return Duration.ofNanos(System.nanoTime() - killed);
	}

	@Test
	@DisabledOnOs(OS.WINDOWS)
	void aProcessThatStandsStillKeepsItsTasksUntilTheirLeasesEnd() throws Exception {
		ForkedJvm still = start("still", Duration.ofSeconds(10));
		this.workers.eventually().until(() -> present() == 1);
		UUID id = this.harness.insert("Start", "long");
		this.workers.eventually().until(() -> this.history.startedBy("still") > 0);
		still.freeze();
		Instant leaseEnd = this.harness.leaseEnd(id);
		start("other");
		this.workers.eventually().until(() -> this.history.startedBy("other") > 0);
		assertThat(this.harness.jdbc()
			.sql("SELECT statement_timestamp() > ?::timestamptz")
			.param(leaseEnd.toString())
			.query(Boolean.class)
			.single()).as("the lease was over").isTrue();
		still.thaw();
		this.workers.eventually().until(() -> this.harness.count() == 0);
		assertThat(this.history.savedTwice()).isEmpty();
	}

	private int present() {
		return this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND mode = 'ShareLock'")
			.query(Integer.class)
			.single();
	}

	private ForkedJvm start(String name) throws IOException {
		return start(name, LEASE);
	}

	private ForkedJvm start(String name, Duration lease) throws IOException {
		return this.workers.start(name, 4, lease, 10);
	}

}
