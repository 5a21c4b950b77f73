package io.pgtask.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.OnConflict;
import io.pgtask.TaskHeadersContributor;
import io.pgtask.TaskOptions;
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

import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link JdbcTaskClient}: the row that each option makes.
 * {@link UniqueKeyTests} are about the key.
 */
@PostgresTest
class JdbcTaskClientOptionsTests {

	private static final ReadName STATE = new ReadName("name.txt");

	private static final Instant INSTANT = Instant.parse("2999-01-02T03:04:05.123456Z");

	private static final Instant FAR = Instant.parse("+012999-01-02T03:04:05.123456Z");

	private final DataSource dataSource;

	private final JdbcClient jdbc;

	private final Wakeups wakeups;

	private final JdbcTaskClient client;

	private final TaskRows rows;

	JdbcTaskClientOptionsTests(TestDatabase database) {
		this.dataSource = database.dataSource();
		this.jdbc = JdbcClient.create(this.dataSource);
		this.wakeups = new Wakeups(this.dataSource);
		this.client = client();
		this.rows = new TaskRows(database);
	}

	@BeforeEach
	void createTable() {
		this.rows.reset();
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@Test
	void aTaskWithoutOptionsUsesNoneOfTheirColumns() {
		UUID id = this.client.enqueue(STATE, TaskOptions.DEFAULT);
		assertThat(this.rows.row(id)).containsEntry("priority", 4)
			.containsEntry("quiet", true)
			.extracting("tags", "unique_key", "deadline", "hold", "hold_due", "headers")
			.containsOnlyNulls();
	}

	@Test
	void theCallerMayChooseTheId() {
		UUID id = UUID.randomUUID();
		assertThat(this.client.enqueue(STATE, TaskOptions.DEFAULT.withId(id))).isEqualTo(id);
		assertThat(this.rows.ids()).containsExactly(id);
		assertThatExceptionOfType(DuplicateKeyException.class)
			.isThrownBy(() -> this.client.enqueue(STATE, TaskOptions.DEFAULT.withId(id)));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void everyOptionGoesIntoItsColumn(boolean keyed) {
		TaskOptions options = TaskOptions.DEFAULT.withPriority(9)
			.withTags("plain", "with \"quotes\" and \\", "NULL", "{comma,}", "🐘")
			.withHeader("tenant", "a \"b\"")
			.withDueAt(INSTANT)
			.withDeadline(FAR);
		UUID id = this.client.enqueue(STATE, keyed ? key(options) : options);
		assertThat(this.rows.row(id)).containsEntry("priority", 9).containsEntry("quiet", true);
		assertThat(this.jdbc.sql("SELECT unnest(tags) FROM pg_task").query(String.class).list())
			.containsExactlyInAnyOrder("plain", "with \"quotes\" and \\", "NULL", "{comma,}", "🐘");
		assertThat(this.rows.matches(id, "headers = '{\"tenant\":\"a \\\"b\\\"\"}'")).isTrue();
		assertThat(this.rows.matches(id, "wakeup_at = '2999-01-02 03:04:05.123456Z'")).isTrue();
		assertThat(this.rows.matches(id, "deadline = '12999-01-02 03:04:05.123456Z'")).isTrue();
		assertThat(this.rows.matches(id, "unique_key IS NOT NULL")).isEqualTo(keyed);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void durationsAreCountedByTheClockOfTheDatabaseFromTheCall(boolean keyed) {
		Producer.transaction(this.dataSource).executeWithoutResult((status) -> {
			this.jdbc.sql("SELECT pg_sleep(0.05)").query().singleRow();
			String before = this.jdbc.sql("SELECT clock_timestamp()::text").query(String.class).single();
			TaskOptions options = TaskOptions.DEFAULT.withDelay(Duration.ofMinutes(10))
				.withDeadline(Duration.ofHours(2));
			UUID id = this.client.enqueue(STATE, keyed ? key(options) : options);
			assertThat(this.rows.matches(id, """
					wakeup_at - interval '10 min' BETWEEN '%s' AND clock_timestamp()
					AND deadline - interval '2 hours' BETWEEN '%s' AND clock_timestamp()""".formatted(before, before)))
				.isTrue();
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void anInstantInThePastIsNow(boolean keyed) {
		TaskOptions options = TaskOptions.DEFAULT.withDueAt(Instant.EPOCH).withPriority(5);
		UUID id = this.client.enqueue(STATE, keyed ? key(options) : options);
		assertThat(this.rows.matches(id, "wakeup_at BETWEEN now() - interval '1 min' AND clock_timestamp()")).isTrue();
	}

	@Test
	void theCallersHeaderWinsOverAContributors() {
		TaskHeadersContributor contributor = (type, step, headers) -> {
			assertThat(headers).containsEntry("tenant", "mine");
			headers.put("tenant", "theirs");
			headers.put("trace", "1");
		};
		UUID id = client(contributor).enqueue(STATE, TaskOptions.DEFAULT.withHeader("tenant", "mine"));
		assertThat(this.rows.matches(id, "headers = '{\"tenant\":\"mine\",\"trace\":\"1\"}'")).isTrue();
	}

	@Test
	void whatTheDatabaseCannotHoldIsRefusedBeforeItIsTouched() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.client.enqueue(STATE, TaskOptions.DEFAULT.withTags("a\0")))
			.withMessageStartingWith("The tag 'a?' contains a NUL character");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.client.enqueue(STATE, TaskOptions.DEFAULT.withUniqueKey("\ud83d", OnConflict.KEEP)))
			.withMessageStartingWith("The unique key ");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.client.enqueue(STATE, TaskOptions.DEFAULT.withDeadline(Instant.MAX)))
			.withMessageContaining("is later than");
		assertThat(this.rows.ids()).isEmpty();
	}

	@Test
	void aProducerNeedsOnlyToInsertUnlessItUsesKeys() {
		this.rows.execute("DROP ROLE IF EXISTS producer");
		this.rows.execute("CREATE ROLE producer");
		this.rows.execute("GRANT INSERT ON pg_task TO producer");
		try {
			Producer.transaction(this.dataSource).executeWithoutResult((status) -> {
				this.jdbc.sql("SET LOCAL ROLE producer").update();
				this.client.enqueue(STATE,
						TaskOptions.DEFAULT.withPriority(9)
							.withTags("a")
							.withDeadline(INSTANT)
							.withDelay(Duration.ofDays(1)));
			});
			assertThat(this.rows.ids()).hasSize(1);
		}
		finally {
			this.rows.execute("DROP OWNED BY producer");
			this.rows.execute("DROP ROLE producer");
		}
	}

	@Test
	void aTaskThatReplacesAnotherUnderAnExpiredLeaseHasItsDeadlineInATableSharedWithRust() {
		TaskSchema.create(this.dataSource, TaskTable.inSearchPath(), true);
		UUID id = this.client.enqueue(STATE, key(TaskOptions.DEFAULT));
		this.rows.update(id, "locked_by = gen_random_uuid(), lock_expires_at = now()");
		this.client.enqueue(new ReadName("other.txt"),
				TaskOptions.DEFAULT.withUniqueKey("key", OnConflict.REPLACE).withDeadline(Duration.ofHours(1)));
		assertThat(this.rows.matches(id, "locked_by IS NULL AND deadline > now() + interval '50 minutes'")).isTrue();
	}

	private static TaskOptions key(TaskOptions options) {
		return options.withUniqueKey("key", OnConflict.KEEP);
	}

	private JdbcTaskClient client(TaskHeadersContributor... contributors) {
		return new JdbcTaskClient(this.dataSource, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.shared(), TaskRegistry.empty()), List.of(contributors), this.wakeups);
	}

}
