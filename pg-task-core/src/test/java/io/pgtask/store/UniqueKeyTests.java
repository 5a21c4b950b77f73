package io.pgtask.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.DuplicateTaskException;
import io.pgtask.OnConflict;
import io.pgtask.TaskOptions;
import io.pgtask.store.Greeter.ReadName;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link KeyedInsert}: of the tasks with one key there is one.
 */
@PostgresTest
@Timeout(120)
class UniqueKeyTests {

	private static final int CALLERS = 32;

	private static final String BACKENDS_THAT_WAIT = """
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'""";

	private final TestDatabase database;

	private final DataSource dataSource;

	private final TransactionTemplate transaction;

	private final Wakeups wakeups;

	private final JdbcTaskClient client;

	private final TaskRows rows;

	UniqueKeyTests(TestDatabase database) {
		this.database = database;
		this.dataSource = database.dataSource();
		this.transaction = JdbcTaskClientTransactionTests.transaction(this.dataSource);
		this.wakeups = new Wakeups(this.dataSource);
		this.client = client(this.dataSource);
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
	void keepReturnsTheIdOfTheTaskThatIsThere() {
		UUID first = enqueue("a", OnConflict.KEEP);
		assertThat(enqueue("b", OnConflict.KEEP)).isEqualTo(first);
		assertThat(names()).containsExactly("a");
	}

	@Test
	void replaceMakesTheTaskThatIsThereTheNewOne() {
		UUID first = this.client.enqueue(new ReadName("a"),
				key(OnConflict.KEEP).withTags("old").withHeader("h", "old").withDelay(Duration.ofDays(1)));
		this.rows.update(first, "tried = 3, delivery = 4, last_error = 'old', cancel_requested_at = now()");
		UUID second = this.client.enqueue(new ReadName("b"),
				key(OnConflict.REPLACE).withPriority(9).withTags("new").withDeadline(Duration.ofDays(1)));
		assertThat(second).isEqualTo(first);
		assertThat(names()).containsExactly("b");
		assertThat(this.rows.matches(first, """
				tags = '{new}' AND headers IS NULL AND priority = 9 AND wakeup_at <= now() AND deadline > now()
				AND tried = 0 AND delivery = 0 AND last_error IS NULL AND cancel_requested_at IS NULL""")).isTrue();
	}

	@Test
	void replaceSendsAParkedTaskOnItsWayAgain() {
		UUID id = enqueue("a", OnConflict.KEEP);
		this.rows.update(id, "error = 'boom', parked_at = now(), tried = 1");
		assertThat(enqueue("b", OnConflict.REPLACE)).isEqualTo(id);
		assertThat(this.rows.matches(id, "error IS NULL AND parked_at IS NULL AND tried = 0")).isTrue();
	}

	@Test
	void aRunningTaskIsNotReplacedAndNotLocked() {
		UUID id = enqueue("a", OnConflict.KEEP);
		this.rows.update(id, "locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 minute'");
		this.transaction.executeWithoutResult((status) -> {
			assertThatExceptionOfType(DuplicateTaskException.class).isThrownBy(() -> enqueue("b", OnConflict.REPLACE))
				.withMessageContaining("cannot be replaced while a worker runs it")
				.satisfies((ex) -> assertThat(ex.existingId()).isEqualTo(id));
			assertThat(enqueue("c", OnConflict.KEEP)).isEqualTo(id);
			assertThat(elsewhere(() -> {
				this.rows.update(id,
						"step = (SELECT step FROM pg_task WHERE id = '%s' FOR UPDATE NOWAIT)".formatted(id));
				return true;
			})).as("the worker can save its step").isTrue();
		});
		assertThat(names()).containsExactly("a");
		this.rows.update(id, "lock_expires_at = now() - interval '1 second'");
		assertThat(enqueue("d", OnConflict.REPLACE)).as("the lease has ended").isEqualTo(id);
		assertThat(this.rows.matches(id, "locked_by IS NULL")).isTrue();
		assertThat(names()).containsExactly("d");
	}

	@Test
	void rejectNamesTheKeyAndTheTaskThatHasIt() {
		UUID id = enqueue("a", OnConflict.KEEP);
		this.rows.update(id, "error = 'a parked task lives, too'");
		assertThatExceptionOfType(DuplicateTaskException.class).isThrownBy(() -> enqueue("b", OnConflict.REJECT))
			.withMessageContaining("The task " + id + " of type Greeter already has the unique key 'key'")
			.satisfies((ex) -> {
				assertThat(ex.existingId()).isEqualTo(id);
				assertThat(ex.uniqueKey()).isEqualTo("key");
				assertThat(ex.taskType()).isEqualTo("Greeter");
			});
	}

	@ParameterizedTest
	@EnumSource(OnConflict.class)
	void noConflictAbortsTheCallersTransaction(OnConflict onConflict) {
		UUID existing = enqueue("a", OnConflict.KEEP);
		UUID other = this.transaction.execute((status) -> {
			try {
				assertThat(enqueue("b", onConflict)).isEqualTo(existing);
			}
			catch (DuplicateTaskException ex) {
				assertThat(onConflict).isEqualTo(OnConflict.REJECT);
			}
			return this.client.enqueue(new ReadName("after"));
		});
		assertThat(this.rows.ids()).containsExactly(existing, other);
	}

	@Test
	void aKeyIsFreeWhenItsTaskHasEnded() {
		UUID first = enqueue("a", OnConflict.REJECT);
		this.rows.execute("DELETE FROM pg_task");
		assertThat(enqueue("b", OnConflict.REJECT)).isNotEqualTo(first);
	}

	@Test
	void everyTaskTypeHasKeysOfItsOwn() {
		enqueue("a", OnConflict.REJECT);
		this.client.enqueue(new OtherType(), key(OnConflict.REJECT));
		this.client.enqueue(new ReadName("c"), TaskOptions.DEFAULT.withUniqueKey("other", OnConflict.REJECT));
		assertThat(this.rows.ids()).hasSize(3);
	}

	@ParameterizedTest
	@EnumSource(OnConflict.class)
	void ofManyConcurrentCallersExactlyOneInserts(OnConflict onConflict) throws Exception {
		try (HikariDataSource pool = this.database.createPool(CALLERS)) {
			JdbcTaskClient pooled = client(pool);
			for (int round = 0; round < 10; round++) {
				TaskOptions options = TaskOptions.DEFAULT.withUniqueKey("round " + round, onConflict);
				List<Object> results = atOnce((caller) -> pooled.enqueue(new ReadName("" + caller), options));
				List<UUID> ids = this.rows.ids();
				assertThat(ids).hasSize(round + 1);
				Set<UUID> returned = new HashSet<>();
				int refused = 0;
				for (Object result : results) {
					if (result instanceof DuplicateTaskException ex) {
						refused++;
						returned.add(ex.existingId());
					}
					else {
						returned.add((UUID) result);
					}
				}
				assertThat(returned).hasSize(1).isSubsetOf(ids);
				assertThat(refused).isEqualTo((onConflict == OnConflict.REJECT) ? CALLERS - 1 : 0);
			}
		}
	}

	@Test
	void manyConcurrentTransactionsWithSeveralKeysAgreeOnOneTaskForEach() throws Exception {
		try (HikariDataSource pool = this.database.createPool(CALLERS)) {
			JdbcTaskClient pooled = client(pool);
			TransactionTemplate transactions = JdbcTaskClientTransactionTests.transaction(pool);
			List<Object> results = atOnce((caller) -> transactions.execute((status) -> {
				List<UUID> ids = new ArrayList<>();
				for (int key = 0; key < 5; key++) {
					ids.add(pooled.enqueue(new ReadName("" + caller),
							TaskOptions.DEFAULT.withUniqueKey("key " + key, OnConflict.KEEP)));
				}
				return ids;
			}));
			assertThat(new HashSet<>(results)).containsExactly(this.rows.ids());
			assertThat(this.rows.ids()).hasSize(5);
		}
	}

	@Test
	void whoeverComesSecondWaitsForTheFirstTransactionAndTakesItsPlaceIfItRollsBack() throws Exception {
		CompletableFuture<UUID> second = this.transaction.execute((status) -> {
			enqueue("a", OnConflict.REJECT);
			CompletableFuture<UUID> waiting = CompletableFuture.supplyAsync(() -> enqueue("b", OnConflict.REJECT));
			await().until(() -> elsewhere(() -> count(BACKENDS_THAT_WAIT)) == 1);
			status.setRollbackOnly();
			return waiting;
		});
		UUID id = second.get(20, TimeUnit.SECONDS);
		assertThat(this.rows.ids()).containsExactly(id);
		assertThat(names()).containsExactly("b");
	}

	@Test
	void whoeverComesSecondFindsWhatTheFirstTransactionCommitted() throws Exception {
		List<UUID> ids = new ArrayList<>();
		CompletableFuture<UUID> second = this.transaction.execute((status) -> {
			ids.add(enqueue("a", OnConflict.KEEP));
			CompletableFuture<UUID> waiting = CompletableFuture.supplyAsync(() -> enqueue("b", OnConflict.KEEP));
			await().until(() -> elsewhere(() -> count(BACKENDS_THAT_WAIT)) == 1);
			return waiting;
		});
		assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(ids.get(0));
		assertThat(names()).containsExactly("a");
	}

	@Test
	void anotherTransactionOfTheSameThreadSeesItsOwnTask() {
		this.transaction.executeWithoutResult((status) -> {
			UUID id = enqueue("a", OnConflict.KEEP);
			assertThat(enqueue("b", OnConflict.KEEP)).isEqualTo(id);
			assertThat(enqueue("c", OnConflict.REPLACE)).isEqualTo(id);
			assertThatExceptionOfType(DuplicateTaskException.class).isThrownBy(() -> enqueue("d", OnConflict.REJECT));
		});
		assertThat(names()).containsExactly("c");
	}

	private UUID enqueue(String name, OnConflict onConflict) {
		return this.client.enqueue(new ReadName(name), key(onConflict));
	}

	private static TaskOptions key(OnConflict onConflict) {
		return TaskOptions.DEFAULT.withUniqueKey("key", onConflict);
	}

	private List<String> names() {
		return this.rows.strings("SELECT step::jsonb -> 'Greeter' -> 'ReadName' ->> 'filename' FROM pg_task");
	}

	private int count(String sql) {
		return Integer.parseInt(this.rows.strings(sql).get(0));
	}

	/** On another thread, which takes no part in this one's transaction. */
	private static <T> T elsewhere(Callable<T> work) {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			return executor.submit(work).get(20, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			executor.shutdownNow();
		}
	}

	/** Lets all callers begin together, and returns what each returned or threw. */
	private static List<Object> atOnce(Caller caller) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(CALLERS);
		CountDownLatch ready = new CountDownLatch(CALLERS);
		try {
			List<Future<Object>> futures = new ArrayList<>();
			for (int i = 0; i < CALLERS; i++) {
				int number = i;
				futures.add(executor.submit(() -> {
					ready.countDown();
					ready.await();
					try {
						return caller.call(number);
					}
					catch (DuplicateTaskException ex) {
						return ex;
					}
				}));
			}
			List<Object> results = new ArrayList<>();
			for (Future<Object> future : futures) {
				results.add(future.get(60, TimeUnit.SECONDS));
			}
			return results;
		}
		finally {
			executor.shutdownNow();
		}
	}

	private JdbcTaskClient client(DataSource dataSource) {
		return JdbcTaskClientTransactionTests.client(dataSource, this.wakeups);
	}

	record OtherType() {
	}

	private interface Caller {

		Object call(int number) throws Exception;

	}

}
