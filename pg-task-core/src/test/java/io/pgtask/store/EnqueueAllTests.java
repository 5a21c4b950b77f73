package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.DuplicateTaskException;
import io.pgtask.InvalidStateException;
import io.pgtask.OnConflict;
import io.pgtask.TaskOptions;
import io.pgtask.TaskRequest;
import io.pgtask.store.Greeter.ReadName;
import io.pgtask.store.Greeter.SayHello;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link BulkInsert}: many tasks in one call, all or none.
 */
@PostgresTest
@Timeout(120)
class EnqueueAllTests {

	private static final TaskOptions KEEP = TaskOptions.DEFAULT.withUniqueKey("key", OnConflict.KEEP);

	private final Producer producer;

	private final TransactionTemplate transaction;

	private final JdbcTaskClient client;

	private final TaskRows rows;

	private final JdbcClient jdbc;

	EnqueueAllTests(TestDatabase database) {
		this.producer = new Producer(database);
		this.transaction = this.producer.transaction();
		this.client = this.producer.client();
		this.rows = this.producer.rows();
		this.jdbc = JdbcClient.create(database.dataSource());
	}

	@BeforeEach
	void createTable() {
		this.rows.reset();
	}

	@AfterEach
	void close() {
		this.producer.close();
	}

	@Test
	void aRowOfManyIsTheSameAsARowOfOne() {
		TaskOptions options = TaskOptions.DEFAULT.withPriority(9)
			.withTags("plain", "with \"quotes\" and \\", "NULL", "🐘")
			.withHeader("tenant", "a \"b\" 🐘")
			.withDueAt(Instant.parse("+012999-01-02T03:04:05.123456Z"))
			.withDeadline(Instant.parse("2999-12-31T23:59:59.999999Z"));
		for (TaskOptions each : List.of(options, TaskOptions.DEFAULT)) {
			UUID one = this.client.enqueue(new ReadName("ä \"🐘\""), each);
			UUID ofMany = this.client.enqueueAll(List.of(new ReadName("ä \"🐘\"")), each).get(0);
			assertThat(rowWithoutTimes(ofMany)).isEqualTo(rowWithoutTimes(one));
		}
	}

	@Test
	void durationsAreCountedByTheClockOfTheDatabaseFromTheCall() {
		this.transaction.executeWithoutResult((status) -> {
			this.jdbc.sql("SELECT pg_sleep(0.05)").query().singleRow();
			String before = this.jdbc.sql("SELECT clock_timestamp()::text").query(String.class).single();
			UUID now = this.client.enqueueAll(List.of(new ReadName("now"))).get(0);
			UUID later = this.client
				.enqueueAll(List.of(new ReadName("later")),
						TaskOptions.DEFAULT.withDelay(Duration.ofMinutes(10)).withDeadline(Duration.ofHours(2)))
				.get(0);
			UUID past = this.client
				.enqueueAll(List.of(new ReadName("past")), TaskOptions.DEFAULT.withDueAt(Instant.EPOCH))
				.get(0);
			assertThat(this.rows.matches(now, "wakeup_at BETWEEN '%s' AND clock_timestamp()".formatted(before)))
				.isTrue();
			assertThat(this.rows.matches(past, "wakeup_at BETWEEN '%s' AND clock_timestamp()".formatted(before)))
				.isTrue();
			assertThat(this.rows.matches(later, """
					wakeup_at - interval '10 min' BETWEEN '%s' AND clock_timestamp()
					AND deadline - interval '2 hours' BETWEEN '%s' AND clock_timestamp()""".formatted(before, before)))
				.isTrue();
		});
	}

	@Test
	void idsComeInTheOrderOfTheStates() {
		List<UUID> ids = this.client.enqueueAll(IntStream.range(0, 50_000).mapToObj((i) -> new ReadName("" + i)));
		assertThat(ids).hasSize(50_000).isSorted().doesNotHaveDuplicates();
		assertThat(this.rows.strings(
				"""
						SELECT string_agg(name, ',' ORDER BY position) FROM (
							SELECT step::jsonb -> 'Greeter' -> 'ReadName' ->> 'filename' AS name, row_number() OVER (ORDER BY id) AS position
							FROM pg_task) named"""))
			.containsExactly(String.join(",", IntStream.range(0, 50_000).mapToObj(String::valueOf).toList()));
		assertThat(this.producer.woken()).hasValue(1);
	}

	@Test
	void aStateMayBeLargerThanWhatIsSentAtOnce() {
		String large = "🐘".repeat(1_000_000);
		List<UUID> ids = this.client.enqueueAll(List.of(new ReadName("a"), new ReadName(large), new ReadName("b")));
		assertThat(this.rows.matches(ids.get(1), "length(step) > 1000000")).isTrue();
		assertThat(this.rows.ids()).isEqualTo(ids);
	}

	@Test
	void nothingIsEnqueuedAndNobodyWokenForNoStates() {
		assertThat(this.client.enqueueAll(List.of())).isEmpty();
		assertThat(this.producer.woken()).hasValue(0);
	}

	@Test
	void aTransactionShowsAllTasksAndWakesOnceWhenItCommits() {
		this.transaction.executeWithoutResult((status) -> {
			this.client.enqueueAll(List.of(new ReadName("a"), new ReadName("b")));
			this.client.enqueueAll(List.of(new ReadName("c"), new TaskRequest(new ReadName("d"), KEEP)));
			assertThat(this.producer.woken()).hasValue(0);
		});
		assertThat(this.rows.ids()).hasSize(4);
		assertThat(this.producer.woken()).hasValue(1);
	}

	@Test
	void aTransactionThatRollsBackLeavesNothingAndWakesNobody() {
		this.transaction.executeWithoutResult((status) -> {
			this.client.enqueueAll(List.of(new ReadName("a"), new TaskRequest(new ReadName("b"), KEEP)));
			status.setRollbackOnly();
		});
		assertThat(this.rows.ids()).isEmpty();
		assertThat(this.producer.woken()).hasValue(0);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void ifAStateCannotBeWrittenNoneOfTheTasksIsEnqueuedAndTheTransactionGoesOn(boolean withinTransaction) {
		Stream<ReadName> states = IntStream.range(0, 20_000)
			.mapToObj((i) -> new ReadName((i < 19_999) ? "" + i : "\0"));
		Runnable enqueue = () -> assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> this.client.enqueueAll(states));
		if (withinTransaction) {
			UUID other = this.transaction.execute((status) -> {
				enqueue.run();
				return this.client.enqueue(new ReadName("other"));
			});
			assertThat(this.rows.ids()).containsExactly(other);
		}
		else {
			enqueue.run();
			assertThat(this.rows.ids()).isEmpty();
			assertThat(this.producer.woken()).hasValue(0);
		}
	}

	@Test
	void ifTheDatabaseRefusesARowNoneOfTheTasksIsEnqueuedAndTheTransactionGoesOn() {
		UUID taken = this.client.enqueue(new ReadName("a"));
		UUID other = this.transaction.execute((status) -> {
			assertThatExceptionOfType(DuplicateKeyException.class).isThrownBy(() -> this.client.enqueueAll(
					List.of(new ReadName("b"), new TaskRequest(new ReadName("c"), TaskOptions.DEFAULT.withId(taken)))));
			return this.client.enqueue(new ReadName("other"));
		});
		assertThat(this.rows.ids()).containsExactly(taken, other);
	}

	@Test
	void aRefusedKeyTakesAllOthersWithIt() {
		UUID existing = this.client.enqueue(new ReadName("a"), KEEP);
		TaskOptions reject = TaskOptions.DEFAULT.withUniqueKey("key", OnConflict.REJECT);
		UUID other = this.transaction.execute((status) -> {
			assertThatExceptionOfType(DuplicateTaskException.class)
				.isThrownBy(() -> this.client
					.enqueueAll(List.of(new ReadName("b"), new TaskRequest(new ReadName("c"), reject))))
				.satisfies((ex) -> assertThat(ex.existingId()).isEqualTo(existing));
			return this.client.enqueue(new ReadName("other"));
		});
		assertThat(this.rows.ids()).containsExactly(existing, other);
	}

	@Test
	void keysInOneCallBehaveAsIfEnqueuedOneAfterTheOther() {
		TaskOptions replace = TaskOptions.DEFAULT.withUniqueKey("replace", OnConflict.REPLACE);
		List<UUID> ids = this.client
			.enqueueAll(List.of(request("k1", KEEP), request("r1", replace), new SayHello("plain"), request("k2", KEEP),
					request("r2", replace), request("k3", KEEP), request("r3", replace)));
		assertThat(ids.get(3)).isEqualTo(ids.get(0)).isEqualTo(ids.get(5));
		assertThat(ids.get(4)).isEqualTo(ids.get(1)).isEqualTo(ids.get(6));
		assertThat(new HashSet<>(this.rows.ids())).isEqualTo(new HashSet<>(ids)).hasSize(3);
		assertThat(this.rows.matches(ids.get(0), "step LIKE '%k1%'")).isTrue();
		assertThat(this.rows.matches(ids.get(1), "step LIKE '%r3%'")).isTrue();
		TaskOptions reject = TaskOptions.DEFAULT.withUniqueKey("reject", OnConflict.REJECT);
		TaskRequest twice = request("x", reject);
		assertThatExceptionOfType(DuplicateTaskException.class)
			.isThrownBy(() -> this.client.enqueueAll(List.of(twice, twice)));
		assertThat(this.rows.ids()).hasSize(3);
	}

	@Test
	void manyKeysAreEnqueuedInOneCall() {
		List<TaskRequest> requests = new ArrayList<>();
		for (int i = 0; i < 5_000; i++) {
			requests.add(request("" + i, TaskOptions.DEFAULT.withUniqueKey("key " + i % 2_500, OnConflict.KEEP)));
		}
		List<UUID> ids = this.client.enqueueAll(requests);
		assertThat(ids.subList(2_500, 5_000)).isEqualTo(ids.subList(0, 2_500));
		assertThat(this.rows.ids()).hasSize(2_500);
	}

	@Test
	void theStatesMayComeFromTheSameTransaction() {
		this.transaction.executeWithoutResult((status) -> {
			try (Stream<ReadName> states = this.jdbc.sql("SELECT n FROM generate_series(1, 30000) n")
				.withFetchSize(100)
				.query((row, number) -> new ReadName(row.getString(1)))
				.stream()) {
				assertThat(this.client.enqueueAll(states)).hasSize(30_000);
			}
			assertThat(this.jdbc.sql("SELECT count(*) FROM pg_task").query(Integer.class).single()).isEqualTo(30_000);
		});
	}

	@Test
	void aPoolOfOneConnectionWithoutAutoCommitSuffices() throws SQLException {
		try (HikariDataSource pool = this.producer.database().createPool(1)) {
			this.producer.client(new WithoutAutoCommit(pool))
				.enqueueAll(List.of(new ReadName("a"), request("b", KEEP)));
			assertThat(this.rows.ids()).hasSize(2);
			this.producer.client(pool).enqueueAll(List.of(new ReadName("c")));
			assertThat(pool.getConnection().getAutoCommit()).isTrue();
		}
		assertThat(this.rows.ids()).hasSize(3);
	}

	@Test
	@SuppressWarnings("NullAway")
	void badArgumentsAreRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.client.enqueueAll(List.of(), TaskOptions.DEFAULT.withId(UUID.randomUUID())))
			.withMessageContaining("give each task its own by a TaskRequest");
		assertThatNullPointerException().isThrownBy(() -> this.client.enqueueAll((Iterable<?>) null));
		assertThatNullPointerException().isThrownBy(() -> this.client.enqueueAll((Stream<?>) null));
		List<Object> states = new ArrayList<>();
		states.add(new ReadName("a"));
		states.add(null);
		assertThatNullPointerException().isThrownBy(() -> this.client.enqueueAll(states));
		assertThat(this.rows.ids()).isEmpty();
	}

	private static TaskRequest request(String name, TaskOptions options) {
		return new TaskRequest(new ReadName(name), options);
	}

	private String rowWithoutTimes(UUID id) {
		return this.jdbc.sql("""
				SELECT (to_jsonb(t) - '{id,created_at,updated_at}'::text[]
					- CASE WHEN wakeup_at < now() THEN 'wakeup_at' ELSE '' END)::text
				FROM pg_task t WHERE id = ?""").param(id).query(String.class).single();
	}

}
