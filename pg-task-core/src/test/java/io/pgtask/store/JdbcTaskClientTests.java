package io.pgtask.store;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.InvalidStateException;
import io.pgtask.PgTaskException;
import io.pgtask.TaskHeadersContributor;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.Greeter.ReadName;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link JdbcTaskClient}: the row it writes.
 * {@link JdbcTaskClientTransactionTests} are about when.
 */
@PostgresTest
class JdbcTaskClientTests {

	private static final ReadName STATE = new ReadName("name.txt");

	private static final StepCodec CODEC = new StepCodec(JsonMapper.shared(), TaskRegistry.empty());

	private final DataSource dataSource;

	private final JdbcTemplate jdbc;

	private final Wakeups wakeups;

	private final JdbcTaskClient client;

	JdbcTaskClientTests(TestDatabase database) {
		this.dataSource = database.dataSource();
		this.jdbc = new JdbcTemplate(this.dataSource);
		this.wakeups = new Wakeups(this.dataSource);
		this.client = client(this.dataSource);
	}

	@BeforeEach
	void createTable() {
		TaskSchema.create(this.dataSource);
		this.jdbc.update("DELETE FROM pg_task");
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@Test
	void enqueueWritesOneRowThatIsDueAtOnce() {
		Instant before = databaseTime();
		UUID id = this.client.enqueue(STATE);
		Map<String, Object> row = this.jdbc.queryForMap("SELECT * FROM pg_task");
		assertThat(row).containsEntry("id", id)
			.containsEntry("step", "{\"Greeter\":{\"ReadName\":{\"filename\":\"name.txt\"}}}")
			.containsEntry("task", "Greeter")
			.containsEntry("priority", 4)
			.containsEntry("tried", 0)
			.containsEntry("delivery", 0)
			.containsEntry("quiet", true);
		assertThat(row).extracting("headers", "error", "last_error", "locked_by", "lock_expires_at", "parked_at")
			.containsOnlyNulls();
		assertThat(wakeupAt(id)).isBetween(before, databaseTime());
	}

	@Test
	void idsSortByTheTimeTheTasksWereEnqueued() {
		UUID first = this.client.enqueue(STATE);
		UUID second = this.client.delay(STATE, Duration.ofDays(1));
		UUID third = this.client.schedule(STATE, Instant.EPOCH);
		assertThat(this.jdbc.queryForList("SELECT id FROM pg_task ORDER BY id", UUID.class)).containsExactly(first,
				second, third);
		assertThat(first.version()).isEqualTo(7);
	}

	@Test
	void aDelayIsAddedToTheClockOfTheDatabase() {
		Instant before = databaseTime();
		UUID id = this.client.delay(STATE, Duration.ofMinutes(10));
		assertThat(wakeupAt(id).minus(Duration.ofMinutes(10))).isBetween(before, databaseTime());
	}

	@Test
	void aDelayIsAddedToTheTimeOfTheCallAlsoInAnOldTransaction() {
		Producer.transaction(this.dataSource).executeWithoutResult((status) -> {
			this.jdbc.queryForList("SELECT pg_sleep(0.05)");
			Instant before = databaseTime();
			UUID id = this.client.enqueue(STATE);
			assertThat(wakeupAt(id)).isBetween(before, databaseTime());
		});
	}

	@Test
	void aDelayIsRoundedUpToTheMicrosecond() {
		assertThat(DatabaseTimes.microseconds(Duration.ofNanos(1))).isEqualTo(1);
		assertThat(DatabaseTimes.microseconds(Duration.ofNanos(1_000))).isEqualTo(1);
		assertThat(DatabaseTimes.microseconds(Duration.ofNanos(1_001))).isEqualTo(2);
		assertThat(DatabaseTimes.microseconds(Duration.ofSeconds(3, 999_999_999))).isEqualTo(4_000_000);
		assertThat(DatabaseTimes.microseconds(Duration.ofDays(36_500).plusNanos(1_000)))
			.isEqualTo(Duration.ofDays(36_500).toSeconds() * 1_000_000 + 1);
	}

	@Test
	void aDelayBeyondAllBoundsIsALongOne() {
		UUID id = this.client.delay(STATE, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
		assertThat(wakeupAt(id)).isAfter(Instant.parse("+200000-01-01T00:00:00Z"));
		assertThat(wakeupAt(this.client.delay(STATE, Duration.ofDays(365 * 100_000L))))
			.isBefore(Instant.parse("+102100-01-01T00:00:00Z"));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "2999-01-02T03:04:05.123456Z", "+012999-01-02T03:04:05Z", "+294276-12-31T23:59:59.999999Z" })
	void aTaskIsScheduledToTheMicrosecond(Instant instant) {
		assertThat(wakeupAt(this.client.schedule(STATE, instant))).isEqualTo(instant);
	}

	@Test
	void aScheduledTimeIsRoundedUpToTheMicrosecond() {
		assertThat(wakeupAt(this.client.schedule(STATE, Instant.parse("2999-12-31T23:59:59.999999001Z"))))
			.isEqualTo(Instant.parse("3000-01-01T00:00:00Z"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "2001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "-1000000000-01-01T00:00:00Z" })
	void aScheduledTimeInThePastIsNow(Instant instant) {
		Instant before = databaseTime();
		assertThat(wakeupAt(this.client.schedule(STATE, instant))).isBetween(before, databaseTime());
	}

	@Test
	void aTimeThatTheDatabaseCannotHoldIsRefused() {
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> this.client.schedule(STATE, Instant.MAX))
			.withMessageContaining("is later than +294276-12-31T23:59:59.999999Z");
		assertThat(rows()).isZero();
	}

	@Test
	void badArgumentsAreRefusedBeforeTheDatabaseIsTouched() {
		JdbcTaskClient unconnected = client(unreachable());
		assertThatNullPointerException().isThrownBy(() -> unconnected.enqueue(nothing()))
			.withMessage("The state must not be null");
		assertThatNullPointerException().isThrownBy(() -> unconnected.delay(STATE, nothing()));
		assertThatNullPointerException().isThrownBy(() -> unconnected.schedule(STATE, nothing()));
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> unconnected.delay(STATE, Duration.ofNanos(-1)))
			.withMessageContaining("must not be negative");
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> unconnected.enqueue(new ReadName("\0")));
	}

	@Test
	void aDatabaseThatCannotBeReachedIsADataAccessException() {
		assertThatExceptionOfType(CannotGetJdbcConnectionException.class)
			.isThrownBy(() -> client(unreachable()).enqueue(STATE));
	}

	@Test
	void aMissingTableIsADataAccessException() {
		JdbcTaskClient elsewhere = new JdbcTaskClient(this.dataSource, TaskTable.inSchema("elsewhere"), CODEC,
				List.of(), this.wakeups);
		assertThatExceptionOfType(BadSqlGrammarException.class).isThrownBy(() -> elsewhere.enqueue(STATE))
			.withMessageContaining("enqueue task");
	}

	@Test
	void theTableMayBeInAnyOtherSchema() {
		TaskTable table = TaskTable.inSchema("Strange \"schema\"; DROP TABLE pg_task; 🐘");
		TaskSchema.create(this.dataSource, table, false);
		UUID id = new JdbcTaskClient(this.dataSource, table, CODEC, List.of(), this.wakeups).enqueue(STATE);
		assertThat(this.jdbc.queryForObject("SELECT id FROM " + table, UUID.class)).isEqualTo(id);
		assertThat(rows()).isZero();
	}

	@Test
	void contributorsAddHeadersInTheirOrder() {
		UUID id = client(this.dataSource, (taskType, step, headers) -> headers.put("trace", "\"1\"\n"),
				(taskType, step, headers) -> {
					assertThat(headers).containsEntry("trace", "\"1\"\n");
					headers.put("for", taskType + "." + step + " 🐘");
				})
			.enqueue(STATE);
		assertThat(this.jdbc.queryForObject("SELECT headers->>'trace' FROM pg_task WHERE id = ?", String.class, id))
			.isEqualTo("\"1\"\n");
		assertThat(this.jdbc.queryForObject("SELECT headers->>'for' FROM pg_task WHERE id = ?", String.class, id))
			.isEqualTo("Greeter.ReadName 🐘");
	}

	@Test
	void contributorsThatAddNothingLeaveTheColumnNull() {
		client(this.dataSource, (taskType, step, headers) -> {
		}).enqueue(STATE);
		assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task WHERE headers IS NULL", Integer.class))
			.isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a\0b", "\ud83d" })
	void aHeaderThatTheDatabaseCannotHoldIsRefused(String text) {
		assertThatExceptionOfType(PgTaskException.class).isThrownBy(
				() -> client(this.dataSource, (taskType, step, headers) -> headers.put("tenant", text)).enqueue(STATE))
			.withMessageContaining("The header 'tenant' of a task of type Greeter");
		assertThatExceptionOfType(PgTaskException.class)
			.isThrownBy(
					() -> client(this.dataSource, (taskType, step, headers) -> headers.put(text, "")).enqueue(STATE))
			.withMessageContaining("PostgreSQL cannot hold");
	}

	@Test
	void aNullHeaderIsRefused() {
		assertThatExceptionOfType(PgTaskException.class)
			.isThrownBy(() -> client(this.dataSource, (taskType, step, headers) -> headers.put("tenant", nothing()))
				.enqueue(STATE))
			.withMessageContaining("The header 'tenant' of a task of type Greeter is null");
	}

	@Test
	void headersAreReadWhateverTheColumnHolds() {
		assertThat(TaskHeaders.read(null)).isEmpty();
		assertThat(TaskHeaders.read("{\"a\":\"b\",\"c\":{\"d\":1},\"e\":null}"))
			.isEqualTo(Map.of("a", "b", "c", "{\"d\":1}", "e", "null"));
		assertThat(TaskHeaders.read("[1]")).isEmpty();
		assertThat(TaskHeaders.read("\"text\"")).isEmpty();
		assertThat(TaskHeaders.read("{")).isEmpty();
	}

	private JdbcTaskClient client(DataSource dataSource, TaskHeadersContributor... contributors) {
		return new JdbcTaskClient(dataSource, TaskTable.inSearchPath(), CODEC, List.of(contributors), this.wakeups);
	}

	private static DataSource unreachable() {
		return new DriverManagerDataSource("jdbc:postgresql://localhost:1/nowhere");
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

	private int rows() {
		Integer rows = this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class);
		return (rows != null) ? rows : 0;
	}

	private Instant wakeupAt(UUID id) {
		return this.jdbc.query("SELECT wakeup_at FROM pg_task WHERE id = ?", (rows) -> {
			rows.next();
			return rows.getObject(1, OffsetDateTime.class).toInstant();
		}, id);
	}

	private Instant databaseTime() {
		return this.jdbc.query("SELECT clock_timestamp()", (rows) -> {
			rows.next();
			return rows.getObject(1, OffsetDateTime.class).toInstant();
		});
	}

}
