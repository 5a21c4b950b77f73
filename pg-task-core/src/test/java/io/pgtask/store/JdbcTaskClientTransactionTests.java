package io.pgtask.store;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.store.Greeter.ReadName;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link JdbcTaskClient}: transactions, and when workers are woken.
 */
@PostgresTest
@Timeout(120)
class JdbcTaskClientTransactionTests {

	private static final ReadName STATE = new ReadName("name.txt");

	private final Producer producer;

	private final WakeupWitness witness;

	private final TransactionTemplate transaction;

	private final JdbcTaskClient client;

	private final TaskRows rows;

	private final JdbcTemplate jdbc;

	JdbcTaskClientTransactionTests(TestDatabase database) throws SQLException {
		this.producer = new Producer(database);
		this.transaction = this.producer.transaction();
		this.client = this.producer.client();
		this.rows = this.producer.rows();
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.witness = new WakeupWitness(this.producer);
	}

	@BeforeEach
	void emptyTable() {
		this.rows.reset();
	}

	@AfterEach
	void close() throws SQLException {
		this.producer.close();
		this.witness.close();
	}

	@Test
	void withoutATransactionTheTaskIsThereAndWorkersAreWokenAtOnce() {
		this.client.enqueue(STATE);
		assertThat(this.producer.woken()).hasValue(1);
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
		Awaitility.await().untilAsserted(() -> assertThat(this.witness.listener().received()).containsExactly(""));
	}

	@Test
	void aTransactionShowsItsTasksAndWakesOnceWhenItCommits() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			for (int i = 0; i < 10; i++) {
				this.client.enqueue(STATE);
			}
			assertThat(this.witness.rowsSeenByOthers()).isZero();
			assertThat(this.producer.woken()).hasValue(0);
		});
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(10);
		assertThat(this.producer.woken()).hasValue(1);
		this.producer.wakeups().close();
		assertThat(this.witness.listener().received()).hasSize(1);
	}

	@Test
	void aTransactionThatRollsBackLeavesNothingAndWakesNobody() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			this.client.enqueue(STATE);
			status.setRollbackOnly();
		});
		assertThat(this.witness.rowsSeenByOthers()).isZero();
		this.witness.assertWokenExactly(0);
	}

	@Test
	void aFailedCommitWakesNobody() throws SQLException {
		this.jdbc.execute("""
				CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'refused'; END$$""");
		this.jdbc.execute("""
				CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON pg_task DEFERRABLE INITIALLY DEFERRED
				FOR EACH ROW EXECUTE FUNCTION refuse()""");
		try {
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> this.client.enqueue(STATE)));
			assertThat(this.witness.rowsSeenByOthers()).isZero();
		}
		finally {
			this.jdbc.execute("DROP FUNCTION refuse CASCADE");
		}
	}

	@Test
	void aTransactionOfAnotherDataSourceIsNotJoined() throws SQLException {
		try (HikariDataSource other = this.producer.database().createPool(1)) {
			Producer.transaction(other).executeWithoutResult((status) -> {
				this.client.enqueue(STATE);
				assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
				assertThat(this.producer.woken()).hasValue(1);
				status.setRollbackOnly();
			});
		}
		this.witness.assertWokenExactly(1);
	}

	@Test
	void aReadOnlyTransactionRefusesTheTaskAndWakesNobody() throws SQLException {
		this.transaction.setReadOnly(true);
		this.transaction.executeWithoutResult((status) -> {
			assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> this.client.enqueue(STATE))
				.withMessageContaining("read-only transaction");
			status.setRollbackOnly();
		});
		this.witness.assertWokenExactly(0);
	}

	@Test
	void theTimeoutOfTheTransactionIsKept() throws SQLException {
		try (Connection blocker = this.producer.database().openConnection()) {
			blocker.setAutoCommit(false);
			blocker.createStatement().execute("LOCK TABLE pg_task IN ACCESS EXCLUSIVE MODE");
			this.transaction.setTimeout(1);
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> this.client.enqueue(STATE)));
		}
		this.witness.assertWokenExactly(0);
	}

	@Test
	void aTaskEnqueuedWhenTheTransactionHasCommittedStillWakes() {
		this.transaction.executeWithoutResult(
				(status) -> TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void afterCommit() {
						JdbcTaskClientTransactionTests.this.client.enqueue(STATE);
					}

				}));
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
		Awaitility.await().untilAsserted(() -> assertThat(this.witness.listener().received()).isNotEmpty());
	}

	@Test
	void withoutSynchronizationTheTaskIsStillPartOfTheTransaction() {
		JdbcTransactionManager manager = new JdbcTransactionManager(this.producer.dataSource());
		manager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
		new TransactionTemplate(manager).executeWithoutResult((status) -> {
			this.client.enqueue(STATE);
			assertThat(this.witness.rowsSeenByOthers()).isZero();
			status.setRollbackOnly();
		});
		assertThat(this.witness.rowsSeenByOthers()).isZero();
	}

	@Test
	void aPoolWithoutAutoCommitLosesNothing() throws SQLException {
		DataSource withoutAutoCommit = new WithoutAutoCommit(this.producer.dataSource());
		JdbcTaskClient client = this.producer.client(withoutAutoCommit);
		client.enqueue(STATE);
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
		TransactionTemplate scope = Producer.transaction(withoutAutoCommit);
		scope.executeWithoutResult((status) -> {
			client.enqueue(STATE);
			assertThat(this.witness.rowsSeenByOthers()).isEqualTo(1);
		});
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(2);
		scope.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
		scope.executeWithoutResult((status) -> client.enqueue(STATE));
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(3);
		this.witness.assertWokenExactly(3);
	}

	@Test
	void aPoolOfOneConnectionIsEnough() {
		try (HikariDataSource single = this.producer.database().createPool(1); Wakeups wakeups = new Wakeups(single)) {
			JdbcTaskClient client = this.producer.client(single, wakeups);
			client.enqueue(STATE);
			for (int i = 0; i < 10; i++) {
				Producer.transaction(single).executeWithoutResult((status) -> {
					client.enqueue(STATE);
					client.enqueue(STATE);
				});
			}
			client.enqueue(STATE);
			Awaitility.await().untilAsserted(() -> assertThat(this.witness.listener().received()).isNotEmpty());
		}
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(22);
	}

	@Test
	void enqueuingIsOneStatementOfTheCaller() {
		Queue<String> statements = new ConcurrentLinkedQueue<>();
		DataSource watched = new DelegatingDataSource(this.producer.dataSource()) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
						new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
							if (method.getName().endsWith("Statement")) {
								statements.add(Thread.currentThread().getName() + ": " + arguments[0]);
							}
							return method.invoke(connection, arguments);
						});
			}

		};
		JdbcTaskClient client = this.producer.client(watched);
		client.enqueue(STATE);
		Producer.transaction(watched).executeWithoutResult((status) -> {
			client.enqueue(STATE);
			client.delay(STATE, Duration.ofDays(1));
		});
		String statement = statements.element();
		assertThat(statement).startsWith(Thread.currentThread().getName() + ": INSERT");
		assertThat(statements).containsExactly(statement, statement, statement);
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(3);
	}

	@Test
	void manyProducersShareNotifications() throws Exception {
		int producers = 32;
		int tasksEach = 50;
		List<UUID> ids = new ArrayList<>();
		ExecutorService threads = Executors.newFixedThreadPool(producers);
		try {
			List<Callable<List<UUID>>> work = new ArrayList<>();
			for (int i = 0; i < producers; i++) {
				work.add(() -> {
					List<UUID> made = new ArrayList<>();
					for (int j = 0; j < tasksEach; j++) {
						made.add(this.client.enqueue(STATE));
					}
					return made;
				});
			}
			for (Future<List<UUID>> made : threads.invokeAll(work)) {
				ids.addAll(made.get());
			}
		}
		finally {
			threads.shutdown();
		}
		this.witness.listener().received();
		int before = this.producer.woken().get();
		this.producer.wakeups().close();
		int notifications = this.witness.listener().received().size();
		assertThat(before).isEqualTo(producers * tasksEach);
		assertThat(ids).doesNotHaveDuplicates().hasSize(producers * tasksEach);
		assertThat(this.witness.rowsSeenByOthers()).isEqualTo(producers * tasksEach);
		assertThat(notifications).isBetween(1, producers * tasksEach / 4);
	}

}
