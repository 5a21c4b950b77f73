package io.pgtask.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.DuplicateTaskException;
import io.pgtask.OnConflict;
import io.pgtask.PgTaskConfigurationException;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Reservations}: what happens to a row; that a worker deletes it when it
 * lapses is for the worker's tests.
 */
@PostgresTest
@Timeout(120)
class ReservationTests {

	private static final ReadName STATE = new ReadName("reserved");

	private static final Duration HOUR = Duration.ofHours(1);

	private final Producer producer;

	private final TransactionTemplate transaction;

	private final JdbcTaskClient client;

	private final TaskRows rows;

	ReservationTests(TestDatabase database) {
		this.producer = new Producer(database);
		this.transaction = this.producer.transaction();
		this.client = this.producer.client();
		this.rows = this.producer.rows();
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
	void aReservedTaskIsHeldUntilTheTimeToConfirmIsOver() {
		UUID id = this.client.reserve(STATE, TaskOptions.DEFAULT.withPriority(9).withTags("a"), HOUR);
		assertThat(this.rows.matches(id, """
				hold = 'reserved' AND hold_due <= clock_timestamp() AND priority = 9 AND tags = '{a}'
				AND wakeup_at - interval '1 hour' BETWEEN now() - interval '1 minute' AND clock_timestamp()"""))
			.isTrue();
		assertThat(this.producer.woken()).hasValue(0);
	}

	@Test
	void aConfirmedTaskIsDueAtOnceAndWakesWorkers() {
		UUID id = this.client.reserve(STATE, TaskOptions.DEFAULT, HOUR);
		assertThat(this.client.confirm(id)).isTrue();
		assertThat(this.rows.matches(id,
				"hold IS NULL AND hold_due IS NULL AND wakeup_at BETWEEN now() - interval '1 minute' AND now()"))
			.isTrue();
		assertThat(this.producer.woken()).hasValue(1);
		assertThat(this.client.confirm(id)).as("only once").isFalse();
		assertThat(this.producer.woken()).hasValue(1);
	}

	@Test
	void aConfirmedTaskThatIsDueLaterIsDueThen() {
		UUID id = this.client.reserve(STATE, TaskOptions.DEFAULT.withDelay(Duration.ofDays(1)), HOUR);
		this.client.confirm(id);
		assertThat(this.rows.matches(id, "wakeup_at BETWEEN now() + interval '23 hours' AND now() + interval '1 day'"))
			.isTrue();
	}

	@Test
	void whatIsTooLateOrClaimedOrUnknownOrNotReservedIsNotConfirmed() {
		UUID late = this.client.reserve(STATE, TaskOptions.DEFAULT, Duration.ofNanos(1));
		UUID claimed = this.client.reserve(STATE, TaskOptions.DEFAULT, HOUR);
		this.rows.update(claimed, "locked_by = gen_random_uuid(), lock_expires_at = now()");
		UUID enqueued = this.client.enqueue(STATE, TaskOptions.DEFAULT.withDelay(HOUR));
		UUID reserved = this.client.reserve(STATE, TaskOptions.DEFAULT, HOUR);
		assertThat(this.client.confirmAll(List.of(late, claimed, enqueued, UUID.randomUUID(), reserved, reserved)))
			.containsExactly(reserved);
		assertThat(this.rows.matches(enqueued, "wakeup_at > now() + interval '50 minutes'")).isTrue();
	}

	@Test
	void manyAreConfirmedAtOnce() {
		this.rows.execute("""
				INSERT INTO pg_task (step, hold, wakeup_at)
				SELECT '{"Greeter":null}', 'reserved', now() + interval '1 hour' FROM generate_series(1, 25000)""");
		List<UUID> ids = this.rows.ids();
		assertThat(this.client.confirmAll(ids)).hasSize(25_000).containsAll(ids.subList(0, 10));
		assertThat(this.rows.strings("SELECT count(*) FROM pg_task WHERE hold IS NULL AND wakeup_at <= now()"))
			.containsExactly("25000");
	}

	@Test
	void ofManyConcurrentCallersExactlyOneConfirmsEachTask() throws Exception {
		this.rows.execute("""
				INSERT INTO pg_task (step, hold, wakeup_at)
				SELECT '{"Greeter":null}', 'reserved', now() + interval '1 hour' FROM generate_series(1, 200)""");
		List<UUID> ids = this.rows.ids();
		ExecutorService executor = Executors.newFixedThreadPool(16);
		try (HikariDataSource pool = this.producer.database().createPool(16)) {
			JdbcTaskClient pooled = this.producer.client(pool);
			List<Future<Set<UUID>>> futures = new ArrayList<>();
			for (int i = 0; i < 16; i++) {
				List<UUID> shuffled = new ArrayList<>(ids);
				Collections.rotate(shuffled, 13 * i);
				futures.add(executor.submit(() -> pooled.confirmAll(shuffled)));
			}
			List<UUID> confirmed = new ArrayList<>();
			for (Future<Set<UUID>> future : futures) {
				confirmed.addAll(future.get(60, TimeUnit.SECONDS));
			}
			assertThat(confirmed).containsExactlyInAnyOrderElementsOf(ids);
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void confirmingIsPartOfTheTransaction() {
		UUID id = this.client.reserve(STATE, TaskOptions.DEFAULT, HOUR);
		this.transaction.executeWithoutResult((status) -> {
			assertThat(this.client.confirm(id)).isTrue();
			status.setRollbackOnly();
		});
		assertThat(this.rows.matches(id, "hold = 'reserved'")).isTrue();
		assertThat(this.producer.woken()).hasValue(0);
		this.transaction.executeWithoutResult((status) -> {
			assertThat(this.client.confirm(id)).isTrue();
			assertThat(this.producer.woken()).hasValue(0);
		});
		assertThat(this.producer.woken()).hasValue(1);
	}

	@ParameterizedTest
	@EnumSource(value = OnConflict.class, names = { "KEEP", "REPLACE" })
	void aReservedTaskGivesWayToOneThatIsEnqueued(OnConflict onConflict) {
		UUID reserved = this.client.reserve(STATE, key(OnConflict.REJECT), HOUR);
		UUID enqueued = this.client.enqueue(new ReadName("enqueued"), key(onConflict));
		assertThat(enqueued).isNotEqualTo(reserved);
		assertThat(this.rows.ids()).containsExactly(enqueued);
		assertThat(this.rows.matches(enqueued, "hold IS NULL AND step LIKE '%enqueued%'")).isTrue();
		assertThat(this.client.confirm(reserved)).isFalse();
	}

	@Test
	void aReservedTaskHasItsKeyUntilItLapses() {
		UUID reserved = this.client.reserve(STATE, key(OnConflict.REJECT), HOUR);
		assertThatExceptionOfType(DuplicateTaskException.class)
			.isThrownBy(() -> this.client.enqueue(STATE, key(OnConflict.REJECT)));
		assertThatExceptionOfType(DuplicateTaskException.class)
			.isThrownBy(() -> this.client.reserve(STATE, key(OnConflict.REJECT), HOUR));
		assertThat(this.client.reserve(STATE, key(OnConflict.KEEP), HOUR)).isEqualTo(reserved);
		this.rows.update(reserved, "wakeup_at = now() - interval '1 second'");
		UUID second = this.client.reserve(STATE, key(OnConflict.REJECT), HOUR);
		assertThat(this.rows.ids()).containsExactly(second);
		this.rows.update(second, "wakeup_at = now() - interval '1 second'");
		UUID third = this.client.enqueue(STATE, key(OnConflict.REJECT));
		assertThat(this.rows.ids()).containsExactly(third);
	}

	@Test
	void aReservationKeepsTheTaskThatIsThere() {
		UUID enqueued = this.client.enqueue(new ReadName("enqueued"), key(OnConflict.KEEP));
		assertThat(this.client.reserve(STATE, key(OnConflict.KEEP), HOUR)).isEqualTo(enqueued);
		assertThat(this.client.confirm(enqueued)).isFalse();
		assertThat(this.rows.matches(enqueued, "hold IS NULL AND step LIKE '%enqueued%'")).isTrue();
	}

	@Test
	void badArgumentsAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.client.reserve(STATE, key(OnConflict.REPLACE), HOUR))
			.withMessageContaining("A reservation cannot replace the task with the unique key 'key'");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.client.reserve(STATE, TaskOptions.DEFAULT, Duration.ZERO))
			.withMessageContaining("must be more than zero but is PT0S");
		assertThat(this.client.confirmAll(Set.of())).isEmpty();
		Collection<UUID> none = List.of();
		assertThat(this.client.confirmAll(none)).isEmpty();
		assertThat(this.producer.woken()).hasValue(0);
	}

	@Test
	void nothingIsReservedInATableThatIsSharedWithRustWorkers() {
		TaskTable shared = TaskTable.inSchema("shared");
		TaskSchema.create(this.producer.dataSource(), shared, true);
		JdbcTaskClient sharing = new JdbcTaskClient(this.producer.dataSource(), shared,
				new StepCodec(JsonMapper.shared(), TaskRegistry.empty()), List.of(), this.producer.wakeups());
		assertThatExceptionOfType(PgTaskConfigurationException.class)
			.isThrownBy(() -> sharing.reserve(STATE, TaskOptions.DEFAULT, HOUR))
			.withMessageContaining("cannot be reserved in a table that is shared with Rust workers");
		assertThat(this.rows.strings("SELECT count(*) FROM shared.pg_task")).containsExactly("0");
		TaskSchema.create(this.producer.dataSource(), shared, false);
		assertThat(sharing.confirm(sharing.reserve(STATE, TaskOptions.DEFAULT, HOUR))).isTrue();
	}

	private static TaskOptions key(OnConflict onConflict) {
		return TaskOptions.DEFAULT.withUniqueKey("key", onConflict);
	}

}
