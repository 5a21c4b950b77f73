package io.pgtask.store;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

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
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link JdbcTaskClient}: many callers that want the same key at once.
 */
@PostgresTest
@Timeout(120)
class ConcurrentKeysTests {

	private static final int CALLERS = 32;

	private static final String BACKENDS_THAT_WAIT = """
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'""";

	private final Producer producer;

	private final TransactionTemplate transaction;

	private final TaskRows rows;

	private final OneKey key;

	ConcurrentKeysTests(TestDatabase database) {
		this.producer = new Producer(database);
		this.transaction = this.producer.transaction();
		this.rows = this.producer.rows();
		this.key = new OneKey(this.producer);
	}

	@BeforeEach
	void createTable() {
		this.rows.reset();
	}

	@AfterEach
	void close() {
		this.producer.close();
	}

	@ParameterizedTest
	@EnumSource(OnConflict.class)
	void ofManyConcurrentCallersExactlyOneInserts(OnConflict onConflict) throws Exception {
		try (HikariDataSource pool = this.producer.database().createPool(CALLERS)) {
			JdbcTaskClient pooled = this.producer.client(pool);
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
		try (HikariDataSource pool = this.producer.database().createPool(CALLERS)) {
			JdbcTaskClient pooled = this.producer.client(pool);
			TransactionTemplate transactions = Producer.transaction(pool);
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
			this.key.enqueue("a", OnConflict.REJECT);
			CompletableFuture<UUID> waiting = CompletableFuture
				.supplyAsync(() -> this.key.enqueue("b", OnConflict.REJECT));
			await().until(() -> OneKey.elsewhere(() -> count(BACKENDS_THAT_WAIT)) == 1);
			status.setRollbackOnly();
			return waiting;
		});
		UUID id = second.get(20, TimeUnit.SECONDS);
		assertThat(this.rows.ids()).containsExactly(id);
		assertThat(this.key.names()).containsExactly("b");
	}

	@Test
	void whoeverComesSecondFindsWhatTheFirstTransactionCommitted() throws Exception {
		List<UUID> ids = new ArrayList<>();
		CompletableFuture<UUID> second = this.transaction.execute((status) -> {
			ids.add(this.key.enqueue("a", OnConflict.KEEP));
			CompletableFuture<UUID> waiting = CompletableFuture
				.supplyAsync(() -> this.key.enqueue("b", OnConflict.KEEP));
			await().until(() -> OneKey.elsewhere(() -> count(BACKENDS_THAT_WAIT)) == 1);
			return waiting;
		});
		assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(ids.get(0));
		assertThat(this.key.names()).containsExactly("a");
	}

	private int count(String sql) {
		return Integer.parseInt(this.rows.strings(sql).get(0));
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

	private interface Caller {

		Object call(int number) throws Exception;

	}

}
