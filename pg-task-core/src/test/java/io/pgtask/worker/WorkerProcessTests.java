package io.pgtask.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: application processes that share a table, and die or stand
 * still.
 */
@TaskTableTest
@Tag("faults")
class WorkerProcessTests {

	private static final Duration LEASE = Duration.ofSeconds(5);

	private static final int MAX_DELIVERIES = 10;

	private final WorkerHarness harness;

	private final History history;

	private final ForkedWorkers workers;

	WorkerProcessTests(TestDatabase database, @TempDir Path directory) {
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
	void aProcessThatIsKilledCostsNoTaskAndNoFinishedStepRunsAgain() throws Exception {
		int tasks = 10_000;
		this.harness.insertMany(tasks);
		ForkedJvm victim = start("victim");
		ForkedJvm survivor = start("survivor");
		this.workers.eventually().until(() -> this.history.length() > 2 * tasks);
		victim.kill();
		long killed = this.history.mark("killed");
		assertThat(this.harness.count()).as("tasks left when the victim dies").isPositive();
		assertThat(this.history.startedBy("victim")).isPositive();
		this.workers.eventually().until(() -> this.harness.count() == 0);
		assertThat(survivor.isAlive()).isTrue();
		assertThat(this.history.startedBy("survivor")).isPositive();
		assertThat(this.history.startedAfterSaved()).as("finished steps that ran again").isEmpty();
		assertThat(this.history.savedTwice()).isEmpty();
		assertThat(this.history.saved()).isEqualTo(3 * tasks);
		assertThat(this.history.inFlight("victim", killed)).as("in flight at the kill")
			.containsAll(this.history.startedAgain());
	}

	@Test
	@DisabledOnOs(OS.WINDOWS)
	void aProcessThatStoodStillBeyondItsLeaseWritesNothingAndStartsNothingThatWasFinishedMeanwhile() throws Exception {
		insert("short", 60, 0);
		insert("long", 4, 1);
		insert("short", 60, 2);
		ForkedJvm zombie = start("zombie");
		// All its slots are taken, and more tasks are claimed than there are slots.
		this.workers.eventually().until(() -> started("long") == 4);
		zombie.freeze();
		long frozen = this.history.mark("frozen");
		int claimed = this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE locked_by IS NOT NULL")
			.query(Integer.class)
			.single();
		assertThat(claimed).as("tasks that the zombie has claimed").isGreaterThan(4);
		ForkedJvm other = start("other");
		this.workers.eventually().until(() -> this.harness.count() == 0);
		other.close();
		zombie.thaw();
		insert("short", 20, 3);
		this.workers.eventually().until(() -> this.harness.count() == 0);
		assertThat(zombie.isAlive()).isTrue();
		assertThat(this.history.startedAfterSaved()).as("finished steps that ran again").isEmpty();
		assertThat(this.history.savedTwice()).isEmpty();
		assertThat(this.history.saved()).isEqualTo(3 * (60 + 4 + 60 + 20));
		assertThat(this.history.inFlight("zombie", frozen)).as("in flight when it froze")
			.containsAll(this.history.startedAgain());
	}

	@Test
	void aStepThatEndsItsProcessIsParkedWhenItHasDoneSoTooOften() throws Exception {
		UUID halting = this.harness.insert("Start", "halt");
		UUID exiting = this.harness.insert("Start", "exit");
		this.harness.insertMany(20);
		int processes = 0;
		while (!this.harness.isParked(halting) || !this.harness.isParked(exiting)) {
			ForkedJvm worker = this.workers.start("number " + processes++, 1, Duration.ofSeconds(1), 2);
			await().atMost(Duration.ofSeconds(20))
				.until(() -> !worker.isAlive() || (this.harness.isParked(halting) && this.harness.isParked(exiting)));
		}
		assertThat(processes).as("two deaths by each of the steps, unless they die together, and the one that parks")
			.isBetween(3, 5);
		assertThat(this.harness.row(halting).error())
			.isEqualTo("delivered 3 times, of which 2 ended without an outcome:"
					+ " the step ended its worker's process, never returned, or outlived its lease."
					+ " Mend the step and set \"error\" to NULL to run it again");
		assertThat(this.harness.row(exiting).error()).startsWith("delivered 3 times, of which 2 ended");
		this.workers.eventually().until(() -> this.harness.count() == 2);
		assertThat(this.history.startedAfterSaved()).isEmpty();
	}

	/** Inserts tasks that are due in the order of their place. */
	private void insert(String name, int count, int place) {
		this.harness.jdbc().sql("""
				INSERT INTO pg_task (step, wakeup_at)
				SELECT '{"Journey":{"Start":{"name":"' || ? || '"}}}', now() - interval '1 minute' + ? * interval '1 s'
				FROM generate_series(1, ?)
				""").params(name, place, count).update();
	}

	private int started(String name) {
		return this.harness.jdbc().sql("""
				SELECT count(*) FROM pg_task t WHERE t.step LIKE '%' || ? || '%'
					AND EXISTS (SELECT FROM history h WHERE h.task = t.id AND h.event = 'start')
				""").param(name).query(Integer.class).single();
	}

	private ForkedJvm start(String name) throws IOException {
		return this.workers.start(name, 4, LEASE, MAX_DELIVERIES);
	}

}
