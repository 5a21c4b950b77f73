package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import ch.qos.logback.classic.Level;
import io.pgtask.GateDecision;
import io.pgtask.NextStep;
import io.pgtask.OnConflict;
import io.pgtask.RetrySettings;
import io.pgtask.StepContext;
import io.pgtask.StepGate;
import io.pgtask.TaskOptions;
import io.pgtask.store.TaskEnds;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Looks for what tasks hold in everything that is logged, at the finest level.
 */
@PostgresTest
class SecretsInLogsTests {

	private static final String SECRET = "hunter2";

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final TestDatabase database;

	private final WorkerHarness harness;

	SecretsInLogsTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
	}

	@BeforeEach
	void createTable() {
		TaskSchema.create(this.database.dataSource());
		this.harness.jdbc().sql("TRUNCATE pg_task, pg_task_paused").update();
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void statesHeadersTagsAndKeysAreNeverLogged() throws Exception {
		this.harness.retry(1, Duration.ofMillis(10)).timeout(Duration.ofSeconds(6)).start(this::start);
		this.harness.middle((state, context) -> NextStep.delay(new Journey.End(state.name()), Duration.ofMillis(1)));
		try (LogCapture capture = LogCapture.open(Level.TRACE)) {
			UUID passing = this.harness.insert("Start", SECRET);
			this.harness.jdbc()
				.sql("""
						UPDATE pg_task SET headers = jsonb_build_object('token', ?), tags = ARRAY[?], unique_key = ?, last_error = ?
						WHERE id = ?""")
				.params(SECRET, SECRET, SECRET, SECRET, passing)
				.update();
			this.harness.run(WorkerHarness.QUICK.withConcurrency(8));
			UUID failing = this.harness.insert("Start", "failing " + SECRET);
			UUID lost = this.harness.insert("Start", "lost " + SECRET);
			UUID slow = this.harness.insert("Start", "slow " + SECRET);
			UUID cancelled = this.harness.insert("Start", "slow too " + SECRET);
			List<UUID> parked = List.of(failing, insertPoison(),
					this.harness
						.insertText("{\"Journey\":{\"Start\":{\"name\":{\"" + SECRET + "\":\"" + SECRET + "\"}}}}"),
					this.harness.insertText("{\"Journey\":{\"Start\":" + SECRET + "}}"),
					this.harness.insertText("{\"Journey\":{\"Start\":{\"name\":\"a\"},\"" + SECRET + "\":1}}"),
					this.harness.insertText("{\"Journey\":{\"Start\":\"" + SECRET + "\"}}"),
					this.harness.insertText(SECRET));
			await().atMost(PATIENCE).until(() -> this.harness.row(lost).lockedBy() != null);
			this.harness.jdbc()
				.sql("UPDATE pg_task SET locked_by = gen_random_uuid(), error = NULL WHERE id = ?")
				.param(lost)
				.update();
			await().atMost(PATIENCE).until(() -> this.harness.row(cancelled).lockedBy() != null);
			this.harness.jdbc()
				.sql("UPDATE pg_task SET cancel_requested_at = now() WHERE id = ?")
				.param(cancelled)
				.update();
			await().atMost(PATIENCE).until(() -> this.harness.isGone(passing) && this.harness.isGone(cancelled));
			await().atMost(PATIENCE).until(() -> parked.stream().allMatch(this.harness::isParked));
			await().atMost(PATIENCE).until(() -> this.harness.isParked(slow));
			await().atMost(PATIENCE)
				.until(() -> capture.lines(Level.WARN).stream().anyMatch((line) -> line.contains("lease")));
			assertNothingIsTold(capture);
			assertThat(capture.lines(Level.WARN)).hasSizeGreaterThan(8);
		}
	}

	/** The server's own words about a refusal show the row. */
	@Test
	void whatTheDatabaseRefusesIsNotRepeated() throws Exception {
		this.harness.jdbc().sql("""
				CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN RAISE EXCEPTION 'refused: %', NEW.step; END $$""").update();
		this.harness.jdbc().sql("""
				CREATE TRIGGER refuse BEFORE UPDATE ON pg_task FOR EACH ROW WHEN (NEW.step LIKE '%trigger%End%'
					OR NEW.step LIKE '%End%trigger%') EXECUTE FUNCTION refuse()""").update();
		this.harness.jdbc()
			.sql("ALTER TABLE pg_task ADD CONSTRAINT refuse CHECK (step NOT LIKE '%End%constraint%')")
			.update();
		try (LogCapture capture = LogCapture.open(Level.TRACE)) {
			this.harness.middle((state, context) -> NextStep.now(new Journey.End(state.name())));
			this.harness.run();
			UUID trigger = this.harness.insert("Middle", "trigger " + SECRET);
			UUID constraint = this.harness.insert("Middle", "constraint " + SECRET);
			await().atMost(PATIENCE).until(() -> this.harness.isParked(trigger) && this.harness.isParked(constraint));
			assertThat(this.harness.row(constraint).error()).contains(SECRET);
			assertNothingIsTold(capture);
			assertThat(capture.lines(Level.ERROR)).hasSize(2)
				.anySatisfy((line) -> assertThat(line).contains("check constraint \"refuse\" (SQLSTATE 23514)"))
				.anySatisfy((line) -> assertThat(line).endsWith("PSQLException (SQLSTATE P0001)"));
		}
		finally {
			this.harness.jdbc().sql("DROP TRIGGER refuse ON pg_task").update();
			this.harness.jdbc().sql("TRUNCATE pg_task").update();
			this.harness.jdbc().sql("ALTER TABLE pg_task DROP CONSTRAINT refuse").update();
		}
	}

	@Test
	void whatTheApplicationSaysIsLoggedUnlessItIsSwitchedOff() throws Exception {
		assertThat(tellEverything(FailureSettings.DEFAULT)).hasSizeGreaterThan(7)
			.filteredOn((line) -> line.contains(SECRET))
			.hasSizeGreaterThan(7);
		assertThat(tellEverything(FailureSettings.DEFAULT.withLogMessages(false))).hasSizeGreaterThan(7)
			.noneMatch((line) -> line.contains(SECRET))
			.anyMatch((line) -> line.contains("java.lang.IllegalStateException"));
	}

	@Test
	void whatIsEnqueuedIsNotLogged() throws Exception {
		try (LogCapture capture = LogCapture.open(Level.TRACE);
				DirectHarness direct = new DirectHarness(this.database, this.database.createPool(12),
						TaskEnds.untold())) {
			TaskOptions options = TaskOptions.DEFAULT.withTags(SECRET)
				.withHeader("token", SECRET)
				.withUniqueKey(SECRET, OnConflict.REPLACE);
			direct.client().enqueue(new Journey.Start(SECRET), options);
			direct.client().enqueue(new Journey.Start(SECRET), options);
			direct.client()
				.enqueue(new Journey.Start(SECRET), TaskOptions.DEFAULT.withDeadline(Instant.now().minusSeconds(1)));
			direct.client().enqueueAll(List.of(new Journey.Start(SECRET), new Journey.Start(SECRET)));
			direct.client().reserve(new Journey.Start(SECRET), TaskOptions.DEFAULT, Duration.ofMillis(1));
			direct.run();
			direct.client().enqueue(new Journey.Start(SECRET));
			await().atMost(PATIENCE).until(() -> this.harness.count() <= 1);
			assertNothingIsTold(capture);
			assertThat(capture.lines(Level.TRACE)).isNotEmpty();
		}
	}

	/** Runs one step for each way in which the application says something. */
	private List<String> tellEverything(FailureSettings settings) throws Exception {
		createTable();
		WorkerHarness telling = new WorkerHarness(this.database)
			.retry(new RetrySettings(1, Duration.ofMillis(10), 1.0, null, 0.0))
			.start((state, context) -> tell(state.name()));
		try (LogCapture capture = LogCapture.open(Level.TRACE)) {
			telling.run(WorkerHarness.QUICK,
					(builder) -> builder.failures(settings).gates(List.of(gate(false), gate(true))));
			for (String way : List.of("throw", "caused", "fail", "cancel", "retry", "refuse", "gate")) {
				telling.insert("Start", way);
			}
			await().atMost(PATIENCE)
				.until(() -> telling.jdbc()
					.sql("SELECT count(*) FROM pg_task WHERE error IS NULL AND last_error IS NULL OR tried = 1 AND error IS NULL")
					.query(Integer.class)
					.single() == 0);
			telling.stopAll();
			return everything(capture);
		}
	}

	private static NextStep<Journey> tell(String way) {
		return switch (way) {
			case "throw" -> throw new IllegalStateException(SECRET);
			case "caused" -> throw new IllegalStateException("because", new IllegalArgumentException(SECRET));
			case "fail" -> NextStep.fail(SECRET);
			case "cancel" -> NextStep.cancel(SECRET);
			case "retry" -> NextStep.retry(new IllegalStateException(SECRET));
			default -> NextStep.done();
		};
	}

	private static StepGate gate(boolean throwing) {
		return (request) -> {
			String name = ((Journey.Start) request.state()).name();
			if (throwing && name.equals("gate")) {
				throw new IllegalStateException(SECRET);
			}
			return name.equals("refuse") ? GateDecision.refuse(SECRET) : GateDecision.proceed();
		};
	}

	private NextStep<Journey> start(Journey.Start state, StepContext context) throws InterruptedException {
		context.checkpoint(state);
		String way = state.name().split(" ")[0];
		if (way.equals("failing")) {
			throw new IllegalStateException("as the test wants it");
		}
		if (!way.equals(SECRET)) {
			Thread.sleep(60_000);
		}
		return NextStep.now(new Journey.Middle(state.name()));
	}

	private UUID insertPoison() {
		UUID id = this.harness.insertQuietly("Start", "poison " + SECRET);
		this.harness.jdbc().sql("UPDATE pg_task SET delivery = 100 WHERE id = ?").param(id).update();
		return id;
	}

	private static void assertNothingIsTold(LogCapture capture) {
		assertThat(everything(capture)).noneMatch((line) -> line.contains(SECRET));
	}

	private static List<String> everything(LogCapture capture) {
		List<String> everything = new ArrayList<>(capture.lines(Level.TRACE));
		everything.addAll(capture.stacks());
		return everything;
	}

}
