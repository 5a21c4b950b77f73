package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.pgtask.NextStep;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.WorkerHarness.Row;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: rows and transitions that nobody should have written. Each
 * test has a good task as well, which must not suffer.
 */
@TaskTableTest
class BadInputTests {

	private static final WorkerSettings ONE_SLOT = WorkerHarness.QUICK.withConcurrency(1);

	private static final String UNREADABLE = "can't deserialize step (the task was likely changed between the scheduling"
			+ " and running of the step): ";

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final List<String> ran = new CopyOnWriteArrayList<>();

	BadInputTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database).start((state, context) -> {
			this.ran.add(state.name());
			return NextStep.done();
		});
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	static Stream<Arguments> unreadable() {
		String noTaskType = "can't deserialize step (its text is not of the form {\"<task type>\":{\"<step>\":<state>}}):"
				+ " correct the column \"step\" and set \"error\" to NULL";
		return Stream.of(Arguments.of("no JSON", noTaskType), Arguments.of("", noTaskType),
				Arguments.of("null", noTaskType), Arguments.of("[{\"Journey\":{}}]", noTaskType),
				Arguments.of("{\"Journey\":{\"Start\":{\"name\":", UNREADABLE
						+ "it is not JSON: Unexpected end-of-input within/between Object entries (line 1, column 29)"),
				Arguments.of("{\"Journey\":{\"Nowhere\":{\"name\":\"a\"}}}",
						UNREADABLE + "the task type 'Journey' has no step 'Nowhere' here, only End, Middle, Start"),
				Arguments.of("{\"Journey\":{\"Start\":{\"title\":\"a\"}}}", UNREADABLE
						+ "the state does not fit io.pgtask.worker.Journey$Start at name: Missing required creator property 'name'"),
				Arguments.of("{\"Journey\":{\"Start\":17}}",
						UNREADABLE + "the state does not fit io.pgtask.worker.Journey$Start: "));
	}

	@ParameterizedTest
	@MethodSource("unreadable")
	void aRowThatCannotBeReadIsParkedWithTheReasonAndItsAttemptsAreLeftAlone(String text, String error) {
		UUID bad = this.harness.insertText(text);
		this.harness.jdbc().sql("UPDATE pg_task SET tried = 3").update();
		UUID good = this.harness.insert("Start", "good");
		this.harness.run(ONE_SLOT);
		soon().until(() -> this.harness.isParked(bad) && this.harness.isGone(good));
		Row row = this.harness.row(bad);
		assertThat(row.error()).startsWith(error);
		assertThat(row.tried()).isEqualTo(3);
		assertThat(row.parked()).isTrue();
		assertThat(row.lockedBy()).isNull();
		assertThat(row.step()).isEqualTo(text);
	}

	@Test
	void aRowThatCouldNotBeReadRunsOnceItIsMended() {
		UUID bad = this.harness.insertText("{\"Journey\":{\"Nowhere\":{\"name\":\"mended\"}}}");
		UUID malformed = this.harness.insertText("mended, too");
		this.harness.run(ONE_SLOT);
		soon().until(() -> this.harness.isParked(bad) && this.harness.isParked(malformed));
		this.harness.jdbc()
			.sql("UPDATE pg_task SET error = NULL, step = '{\"Journey\":{\"Start\":{\"name\":\"mended\"}}}'")
			.update();
		soon().until(() -> this.harness.isGone(bad) && this.harness.isGone(malformed));
		assertThat(this.ran).containsExactly("mended", "mended");
	}

	@Test
	void aNegativeDelayFailsTheAttempt() {
		this.harness.middle((state, context) -> NextStep.delay(new Journey.End("never"), Duration.ofSeconds(-1)));
		assertThat(parked("Middle").error())
			.isEqualTo("java.lang.IllegalArgumentException: The delay must not be negative but is PT-1S;"
					+ " use Duration.ZERO to run at once");
	}

	@Test
	@SuppressWarnings("NullAway") // a step written without null checks
	void aNullStateFailsTheAttempt() {
		this.harness.middle((state, context) -> NextStep.now(null));
		assertThat(parked("Middle").error())
			.isEqualTo("java.lang.NullPointerException: The next step's state must not be null;"
					+ " return NextStep.done() to end the task");
	}

	@Test
	@SuppressWarnings({ "unchecked", "rawtypes" })
	void aTransitionToAStateOfAnotherTaskParksTheTaskWithAHint() {
		this.harness.retry(5, Duration.ofMillis(1))
			.middle((state, context) -> (NextStep) NextStep.now(new Elsewhere("raw types")));
		Row row = parked("Middle");
		assertThat(row.error()).isEqualTo("can't serialize the next step: io.pgtask.InvalidStateException: The step"
				+ " \"Middle\" of the task type \"Journey\" went on to io.pgtask.worker.BadInputTests$Elsewhere, for which"
				+ " this task type has no step; return a state of its own task type, and register its step as a"
				+ " @TaskStep bean");
		assertThat(row.tried()).isEqualTo(1);
		assertThat(row.step()).contains("Middle");
	}

	@Test
	@SuppressWarnings({ "unchecked", "rawtypes" })
	void aTransitionToWhatIsNoStateParksTheTaskWithAHint() {
		this.harness.middle((state, context) -> (NextStep) NextStep.now("just a string"));
		assertThat(parked("Middle").error()).startsWith(
				"can't serialize the next step: io.pgtask.InvalidStateException: java.lang.String cannot be the state of a task: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "P200000D", "P106751991167300D", "PT2562047788015215H30M7S" })
	void aDelayBeyondAllBoundsIsALongOneAndTheTaskWaits(Duration delay) {
		this.harness.middle((state, context) -> NextStep.delay(new Journey.End("far away"), delay));
		assertThat(waitingUntil("Middle")).isGreaterThan(2500);
	}

	@ParameterizedTest
	@ValueSource(strings = { "+1000000000-12-31T23:59:59.999999999Z", "+294276-12-31T23:59:59.999999999Z",
			"+12345-06-07T08:09:10.123456789Z", "9999-12-31T23:59:59.999999999Z" })
	void anInstantBeyondAllBoundsIsALateOneAndTheTaskWaits(Instant instant) {
		this.harness.middle((state, context) -> NextStep.at(new Journey.End("far away"), instant));
		assertThat(waitingUntil("Middle")).isGreaterThan(9999);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1000000000-01-01T00:00:00Z", "-4713-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
			"1969-12-31T23:59:59.999999999Z" })
	void anInstantThatHasLongPassedIsNow(Instant instant) {
		this.harness.middle((state, context) -> NextStep.at(new Journey.End("at once"), instant));
		UUID id = this.harness.insert("Middle", "a");
		this.harness.run(ONE_SLOT);
		soon().until(() -> this.harness.isGone(id));
	}

	@ParameterizedTest
	@CsvSource({ "wakeup_at, -infinity", "wakeup_at, 4713-01-01 00:00:00+00 BC", "tried, 2147483647",
			"tried, -2147483648", "delivery, -2147483648", "created_at, infinity", "updated_at, -infinity",
			"priority, 0", "parked_at, -infinity", "last_error, ''", "headers, []", "headers, 17", "headers, null",
			"headers, \"text\"", "headers, '{\"a\":{\"b\":[1,null]}}'" })
	void aTaskRunsWhateverItsOtherColumnsHold(String column, String value) {
		UUID bad = this.harness.insertQuietly("Start", "bad");
		UUID good = this.harness.insertQuietly("Start", "good");
		set(bad, column, value);
		this.harness.run(ONE_SLOT);
		soon().until(() -> this.harness.isGone(bad) && this.harness.isGone(good));
		assertThat(this.ran).containsExactlyInAnyOrder("bad", "good");
	}

	@Test
	void aTaskThatIsNeverDueKeepsNobodyFromTheOthers() {
		UUID never = this.harness.insertQuietly("Start", "never");
		UUID leased = this.harness.insertQuietly("Start", "leased for ever");
		UUID deliveredTooOften = this.harness.insertQuietly("Start", "delivered too often");
		set(never, "wakeup_at", "infinity");
		set(deliveredTooOften, "delivery", "2147483647");
		this.harness.jdbc()
			.sql("UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = 'infinity' WHERE id = ?")
			.param(leased)
			.update();
		try (LogCapture capture = LogCapture.open()) {
			this.harness.run(ONE_SLOT);
			// Often enough for the driver to go over to its binary format.
			for (int i = 0; i < 20; i++) {
				UUID good = this.harness.insert("Start", "good");
				soon().until(() -> this.harness.isGone(good));
			}
			soon().until(() -> this.harness.isParked(deliveredTooOften));
			assertThat(capture.lines(Level.WARN)).noneMatch((line) -> line.contains("cannot work"));
		}
		assertThat(this.harness.row(never).delivery()).isZero();
		assertThat(this.harness.row(leased).delivery()).isZero();
		assertThat(this.harness.row(deliveredTooOften).error()).startsWith("delivered ");
		assertThat(this.ran).hasSize(20).containsOnly("good");
	}

	@Test
	void headersThatAreNoStringsAreReadAsJson() {
		AtomicReference<Map<String, String>> headers = new AtomicReference<>(Map.of());
		this.harness.start((state, context) -> {
			headers.set(context.headers());
			return NextStep.done();
		});
		UUID id = this.harness.insertQuietly("Start", "a");
		set(id, "headers", "{\"text\":\"é 🎉\",\"number\":17,\"object\":{\"a\":null},\"nothing\":null}");
		this.harness.run(ONE_SLOT);
		soon().until(() -> this.harness.isGone(id));
		assertThat(headers.get())
			.isEqualTo(Map.of("text", "é 🎉", "number", "17", "object", "{\"a\":null}", "nothing", "null"));
	}

	@Test
	void aTableThatIsDroppedAndCreatedAgainIsWorkedOnAgain() {
		Worker worker = this.harness.run(ONE_SLOT.withPollInterval(Duration.ofMillis(200)));
		UUID before = this.harness.insert("Start", "before");
		soon().until(() -> this.harness.isGone(before));
		try (LogCapture capture = LogCapture.open()) {
			this.harness.jdbc().sql("DROP TABLE pg_task").update();
			soon().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
			assertThat(worker.status().trouble()).contains("relation \"pg_task\" does not exist").contains("42P01");
			TaskSchema.create(this.database.dataSource());
			UUID after = this.harness.insert("Start", "after");
			soon().until(() -> this.harness.isGone(after));
			assertThat(capture.lines(Level.WARN)).hasSize(1);
		}
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
	}

	@Test
	void aTableThatIsDroppedWhileAStepRunsCostsThatStepAndNothingElse() {
		this.harness.start((state, context) -> {
			if (state.name().equals("dropping")) {
				this.harness.jdbc().sql("DROP TABLE pg_task").update();
			}
			return NextStep.done();
		});
		Worker worker = this.harness.run(ONE_SLOT.withPollInterval(Duration.ofMillis(200)));
		this.harness.insert("Start", "dropping");
		soon().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
		TaskSchema.create(this.database.dataSource());
		UUID after = this.harness.insert("Start", "after");
		soon().until(() -> this.harness.isGone(after));
		soon().until(() -> worker.status().running() + worker.status().waiting() == 0);
	}

	private static ConditionFactory soon() {
		return await().pollInterval(Duration.ofMillis(10));
	}

	private Row parked(String step) {
		UUID bad = this.harness.insert(step, "bad");
		this.harness.run(ONE_SLOT);
		soon().until(() -> this.harness.isParked(bad));
		UUID good = this.harness.insert("Start", "good");
		soon().until(() -> this.harness.isGone(good));
		return this.harness.row(bad);
	}

	/** Runs the step and returns the year in which the next one is due. */
	private int waitingUntil(String step) {
		UUID id = this.harness.insert(step, "a");
		this.harness.run(ONE_SLOT);
		soon().until(() -> this.harness.row(id).step().contains("End"));
		// The worker sees the task whenever it looks for others.
		for (int i = 0; i < 10; i++) {
			UUID good = this.harness.insert("Start", "good");
			soon().until(() -> this.harness.isGone(good));
		}
		return this.harness.jdbc()
			.sql("SELECT extract(year FROM wakeup_at) FROM pg_task WHERE id = ?")
			.param(id)
			.query(Integer.class)
			.single();
	}

	private void set(UUID id, String column, String value) {
		this.harness.jdbc().sql("UPDATE pg_task SET " + column + " = '" + value + "' WHERE id = ?").param(id).update();
	}

	record Elsewhere(String name) {
	}

}
