package io.pgtask.outages;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.pgtask.outages.ClockHistory.Entry;
import io.pgtask.test.ForkedJvm;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * The clocks of application processes are wrong, or are set while steps run.
 */
@Tag("faults")
@PostgresTest
class ClockTests {

	private static final Instant SUMMER_TIME = Instant.parse("2026-03-29T01:00:00Z");

	private static final Duration HOUR = Duration.ofHours(1);

	/** Much less than an hour, whatever else the machine is doing. */
	private static final Duration SLOW = Duration.ofSeconds(30);

	private static final int TASKS = 12;

	private final TestDatabase database;

	private final ErrandTable table;

	private final List<ForkedJvm> processes = new ArrayList<>();

	@TempDir
	private Path directory;

	private ClockHistory history;

	ClockTests(TestDatabase database) {
		this.database = database;
		this.table = new ErrandTable(database.dataSource());
	}

	@BeforeEach
	void createTable() {
		assumeThat(FakeClock.isInstalled()).as("libfaketime in /usr/lib, say of Debian's package faketime").isTrue();
		this.table.jdbc().sql("DROP TABLE IF EXISTS pg_task, clock_history").update();
		TaskSchema.create(this.database.dataSource());
		this.history = ClockHistory.create(this.database.dataSource());
	}

	@AfterEach
	void stopProcesses() throws Exception {
		for (ForkedJvm process : this.processes) {
			process.close();
		}
	}

	@Test
	void aWrongClockChangesNeitherDueTimesNorLeases() throws Exception {
		start("ahead", clock("ahead", "Pacific/Apia", HOUR));
		start("behind", clock("behind", "America/New_York", HOUR.negated()));
		FakeClock summer = clock("summer", "Europe/Berlin", untilSummerTime().minusDays(1));
		start("summer", summer);
		eventually().until(() -> this.table.listening().size() == this.processes.size());
		summer.set(untilSummerTime().minusSeconds(4));
		Map<UUID, Instant> later = insert(TASKS, "interval '20 minutes'");
		Map<UUID, Instant> due = insert(TASKS, "interval '3 seconds'");
		eventually().pollInterval(Duration.ofSeconds(1)).until(() -> {
			insert(2, "interval '0'");
			return this.history.runners() == this.processes.size();
		});
		eventually().until(() -> this.table.count() == later.size());
		assertThat(minutesAhead("ahead")).containsOnly(60L);
		assertThat(minutesAhead("behind")).containsOnly(-60L);
		assertThat(entries("summer")).last()
			.satisfies((entry) -> assertThat(entry.clock().toInstant()).isAfter(SUMMER_TIME));
		assertThat(this.history.steps()).as("steps, of each process one errand at least")
			.isEqualTo(3 * this.history.of("Third").size());
		assertThat(this.history.starts()).as("each step once").isEqualTo(this.history.steps());
		Map<UUID, Entry> first = starts("First");
		assertThat(due)
			.allSatisfy((task, at) -> assertThat(first).hasEntrySatisfying(task, (entry) -> assertStarts(entry, at)));
		Map<UUID, Entry> second = starts("Second");
		assertThat(first).allSatisfy((task, entry) -> {
			Instant at = entry.at().toInstant().plus(ClockProcess.DELAY);
			assertThat(second).hasEntrySatisfying(task, (next) -> assertStarts(next, at));
		});
		assertThat(this.table.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE tried > 0 OR delivery > 0 OR error IS NOT NULL")
			.query(Integer.class)
			.single()).as("tasks touched that are not due").isZero();
	}

	@Test
	void aClockThatIsSetChangesNeitherTimeoutsNorLeasesNorTheTimeOfAStop() throws Exception {
		FakeClock clock = clock("jumping", "Europe/Berlin", Duration.ZERO);
		ForkedJvm process = start("jumping", clock);
		this.table.jdbc().sql("INSERT INTO pg_task (step) VALUES ('{\"Vigil\":{\"Vigil\":{\"number\":1}}}')").update();
		awaitVigils(1, 0);
		clock.set(HOUR);
		awaitVigils(2, 1);
		clock.set(HOUR.negated());
		awaitVigils(2, 2);
		List<Entry> vigils = this.history.of("Vigil");
		assertThat(vigils).extracting(Entry::minutesAhead)
			.as("a clock that was set within each")
			.containsExactly(0L, 60L, 60L, -60L);
		assertTimeout(vigils.get(0), vigils.get(1));
		assertTimeout(vigils.get(2), vigils.get(3));
		resume();
		awaitVigils(3, 2);
		long start = System.nanoTime();
		process.tell('s');
		clock.set(HOUR.multipliedBy(-2));
		await().atMost(ClockProcess.SHUTDOWN_TIMEOUT.plus(SLOW)).until(() -> !process.isAlive());
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(ClockProcess.SHUTDOWN_TIMEOUT);
		assertThat(this.table.claimed()).as("what the process has not given back").isEmpty();
		assertThat(this.table.count()).isOne();
	}

	private static void assertStarts(Entry entry, Instant due) {
		assertThat(entry.at().toInstant()).isAfterOrEqualTo(due).isBefore(due.plus(SLOW));
	}

	private void assertTimeout(Entry start, Entry end) {
		assertThat(Duration.between(start.at(), end.at())).isBetween(ClockProcess.TIMEOUT.dividedBy(2),
				ClockProcess.TIMEOUT.plus(SLOW));
	}

	private void awaitVigils(int started, int ended) {
		eventually().until(() -> {
			Map<String, Long> events = this.history.of("Vigil")
				.stream()
				.collect(Collectors.groupingBy(Entry::event, Collectors.counting()));
			return events.getOrDefault("starts", 0L) == started && events.getOrDefault("ends", 0L) == ended;
		});
	}

	private void resume() {
		eventually().until(() -> this.table.jdbc()
			.sql("UPDATE pg_task SET error = NULL WHERE error LIKE '%timeout%' RETURNING id")
			.query(UUID.class)
			.list()
			.size() == 1);
	}

	/** Inserts errands, and returns when they are due. */
	private Map<UUID, Instant> insert(int count, String delay) {
		return this.table.jdbc()
			.sql("""
					INSERT INTO pg_task (step, wakeup_at)
					SELECT '{"Errand":{"First":{"number":1}}}', now() + %s FROM generate_series(1, ?) RETURNING id, wakeup_at
					"""
				.formatted(delay))
			.param(count)
			.query((row, number) -> Map.entry(row.getObject("id", UUID.class),
					row.getObject("wakeup_at", OffsetDateTime.class).toInstant()))
			.list()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
	}

	private Map<UUID, Entry> starts(String step) {
		return this.history.of(step)
			.stream()
			.filter((entry) -> entry.event().equals("starts"))
			.collect(Collectors.toMap(Entry::task, Function.identity()));
	}

	private List<Long> minutesAhead(String process) {
		return entries(process).stream().map(Entry::minutesAhead).toList();
	}

	private List<Entry> entries(String process) {
		return this.history.of("Third").stream().filter((entry) -> entry.process().equals(process)).toList();
	}

	private FakeClock clock(String name, String zone, Duration offset) throws IOException {
		return new FakeClock(this.directory.resolve(name + ".clock"), zone, offset);
	}

	private static Duration untilSummerTime() {
		return Duration.between(Instant.now(), SUMMER_TIME);
	}

	private ForkedJvm start(String name, FakeClock clock) throws IOException {
		ForkedJvm process = ClockProcess.start(name, clock, this.database, this.directory);
		this.processes.add(process);
		return process;
	}

	private ConditionFactory eventually() {
		return await().atMost(Duration.ofSeconds(60)).failFast(() -> {
			for (ForkedJvm process : this.processes) {
				process.requireStarted();
			}
		});
	}

}
