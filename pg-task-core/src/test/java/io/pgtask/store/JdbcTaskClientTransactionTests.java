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
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.Greeter.ReadName;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

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

	private final TestDatabase database;

	private final DataSource dataSource;

	private final JdbcTemplate jdbc;

	private final TransactionTemplate transaction;

	private final Wakeups wakeups;

	private final AtomicInteger woken = new AtomicInteger();

	private final JdbcTaskClient client;

	private final Listener listener;

	JdbcTaskClientTransactionTests(TestDatabase database) throws SQLException {
		this.database = database;
		this.dataSource = database.dataSource();
		this.jdbc = new JdbcTemplate(this.dataSource);
		this.transaction = transaction(this.dataSource);
		this.wakeups = new Wakeups(this.dataSource);
		this.wakeups.localWorker(this.woken::incrementAndGet);
		this.client = client(this.dataSource);
		this.listener = new Listener(database, "pg_task_changed");
	}

	@BeforeEach
	void createTable() {
		TaskSchema.create(this.dataSource);
		this.jdbc.update("DELETE FROM pg_task");
	}

	@AfterEach
	void close() throws SQLException {
		this.wakeups.close();
		this.listener.close();
	}

	@Test
	void withoutATransactionTheTaskIsThereAndWorkersAreWokenAtOnce() {
		this.client.enqueue(STATE);
		assertThat(this.woken).hasValue(1);
		assertThat(rowsSeenByOthers()).isEqualTo(1);
		Awaitility.await().untilAsserted(() -> assertThat(this.listener.received()).containsExactly(""));
	}

	@Test
	void aTransactionShowsItsTasksAndWakesOnceWhenItCommits() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			for (int i = 0; i < 10; i++) {
				this.client.enqueue(STATE);
			}
			assertThat(rowsSeenByOthers()).isZero();
			assertThat(this.woken).hasValue(0);
		});
		assertThat(rowsSeenByOthers()).isEqualTo(10);
		assertThat(this.woken).hasValue(1);
		this.wakeups.close();
		assertThat(this.listener.received()).hasSize(1);
	}

	@Test
	void aTransactionThatRollsBackLeavesNothingAndWakesNobody() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			this.client.enqueue(STATE);
			status.setRollbackOnly();
		});
		assertThat(rowsSeenByOthers()).isZero();
		assertWokenExactly(0);
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
			assertThat(rowsSeenByOthers()).isZero();
		}
		finally {
			this.jdbc.execute("DROP FUNCTION refuse CASCADE");
		}
	}

	@Test
	void aSavepointThatRollsBackTakesItsTasksAlong() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			Object savepoint = status.createSavepoint();
			this.client.enqueue(STATE);
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(rowsSeenByOthers()).isZero();
		assertWokenExactly(0);
	}

	@Test
	void aSavepointThatRollsBackLeavesEarlierTasksAlone() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			this.client.enqueue(STATE);
			Object savepoint = status.createSavepoint();
			this.client.enqueue(STATE);
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(rowsSeenByOthers()).isEqualTo(1);
		assertWokenExactly(1);
	}

	@Test
	void aTaskEnqueuedAfterASavepointRolledBackWakes() throws SQLException {
		this.transaction.executeWithoutResult((status) -> {
			Object savepoint = status.createSavepoint();
			this.client.enqueue(STATE);
			status.rollbackToSavepoint(savepoint);
			this.client.enqueue(STATE);
		});
		assertThat(rowsSeenByOthers()).isEqualTo(1);
		assertWokenExactly(1);
	}

	@Test
	void aNestedTransactionThatFailsWakesNobody() throws SQLException {
		this.transaction.executeWithoutResult((status) -> assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> propagating(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult((nested) -> {
				this.client.enqueue(STATE);
				throw new IllegalStateException("failed");
			})));
		assertThat(rowsSeenByOthers()).isZero();
		assertWokenExactly(0);
	}

	@Test
	void aSuspendedTransactionAndTheInnerOneWakeEachOnTheirOwn() throws SQLException {
		this.transaction.executeWithoutResult((outer) -> {
			this.client.enqueue(STATE);
			propagating(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
				.executeWithoutResult((inner) -> this.client.enqueue(STATE));
			assertThat(rowsSeenByOthers()).isEqualTo(1);
			assertThat(this.woken).hasValue(1);
			this.client.enqueue(STATE);
		});
		assertThat(rowsSeenByOthers()).isEqualTo(3);
		assertWokenExactly(2);
	}

	@Test
	void anInnerTransactionThatRollsBackDoesNotTouchTheSuspendedOne() throws SQLException {
		this.transaction.executeWithoutResult((outer) -> {
			this.client.enqueue(STATE);
			propagating(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult((inner) -> {
				this.client.enqueue(STATE);
				inner.setRollbackOnly();
			});
		});
		assertThat(rowsSeenByOthers()).isEqualTo(1);
		assertWokenExactly(1);
	}

	@Test
	void aTaskEnqueuedOutsideASuspendedTransactionIsThereAtOnce() throws SQLException {
		this.transaction.executeWithoutResult((outer) -> {
			propagating(TransactionDefinition.PROPAGATION_NOT_SUPPORTED)
				.executeWithoutResult((none) -> this.client.enqueue(STATE));
			assertThat(rowsSeenByOthers()).isEqualTo(1);
			outer.setRollbackOnly();
		});
		assertWokenExactly(1);
	}

	@Test
	void aScopeWithoutATransactionDoesNotDelayTheTask() throws SQLException {
		propagating(TransactionDefinition.PROPAGATION_SUPPORTS).executeWithoutResult((none) -> {
			this.client.enqueue(STATE);
			assertThat(rowsSeenByOthers()).isEqualTo(1);
			assertThat(this.woken).hasValue(1);
		});
		assertWokenExactly(1);
	}

	@Test
	void aTransactionOfAnotherDataSourceIsNotJoined() throws SQLException {
		try (HikariDataSource other = this.database.createPool(1)) {
			transaction(other).executeWithoutResult((status) -> {
				this.client.enqueue(STATE);
				assertThat(rowsSeenByOthers()).isEqualTo(1);
				assertThat(this.woken).hasValue(1);
				status.setRollbackOnly();
			});
		}
		assertWokenExactly(1);
	}

	@Test
	void aReadOnlyTransactionRefusesTheTaskAndWakesNobody() throws SQLException {
		this.transaction.setReadOnly(true);
		this.transaction.executeWithoutResult((status) -> {
			assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> this.client.enqueue(STATE))
				.withMessageContaining("read-only transaction");
			status.setRollbackOnly();
		});
		assertWokenExactly(0);
	}

	@Test
	void theTimeoutOfTheTransactionIsKept() throws SQLException {
		try (Connection blocker = this.database.openConnection()) {
			blocker.setAutoCommit(false);
			blocker.createStatement().execute("LOCK TABLE pg_task IN ACCESS EXCLUSIVE MODE");
			this.transaction.setTimeout(1);
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> this.client.enqueue(STATE)));
		}
		assertWokenExactly(0);
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
		assertThat(rowsSeenByOthers()).isEqualTo(1);
		Awaitility.await().untilAsserted(() -> assertThat(this.listener.received()).isNotEmpty());
	}

	@Test
	void withoutSynchronizationTheTaskIsStillPartOfTheTransaction() {
		JdbcTransactionManager manager = new JdbcTransactionManager(this.dataSource);
		manager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
		new TransactionTemplate(manager).executeWithoutResult((status) -> {
			this.client.enqueue(STATE);
			assertThat(rowsSeenByOthers()).isZero();
			status.setRollbackOnly();
		});
		assertThat(rowsSeenByOthers()).isZero();
	}

	@Test
	void aPoolWithoutAutoCommitLosesNothing() throws SQLException {
		DataSource withoutAutoCommit = new WithoutAutoCommit(this.dataSource);
		JdbcTaskClient client = client(withoutAutoCommit);
		client.enqueue(STATE);
		assertThat(rowsSeenByOthers()).isEqualTo(1);
		TransactionTemplate scope = transaction(withoutAutoCommit);
		scope.executeWithoutResult((status) -> {
			client.enqueue(STATE);
			assertThat(rowsSeenByOthers()).isEqualTo(1);
		});
		assertThat(rowsSeenByOthers()).isEqualTo(2);
		scope.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
		scope.executeWithoutResult((status) -> client.enqueue(STATE));
		assertThat(rowsSeenByOthers()).isEqualTo(3);
		assertWokenExactly(3);
	}

	@Test
	void aPoolOfOneConnectionIsEnough() {
		try (HikariDataSource single = this.database.createPool(1); Wakeups wakeups = new Wakeups(single)) {
			JdbcTaskClient client = client(single, wakeups);
			client.enqueue(STATE);
			for (int i = 0; i < 10; i++) {
				transaction(single).executeWithoutResult((status) -> {
					client.enqueue(STATE);
					client.enqueue(STATE);
				});
			}
			client.enqueue(STATE);
			Awaitility.await().untilAsserted(() -> assertThat(this.listener.received()).isNotEmpty());
		}
		assertThat(rowsSeenByOthers()).isEqualTo(22);
	}

	@Test
	void enqueuingIsOneStatementOfTheCaller() {
		Queue<String> statements = new ConcurrentLinkedQueue<>();
		DataSource watched = new DelegatingDataSource(this.dataSource) {

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
		JdbcTaskClient client = client(watched);
		client.enqueue(STATE);
		transaction(watched).executeWithoutResult((status) -> {
			client.enqueue(STATE);
			client.delay(STATE, Duration.ofDays(1));
		});
		String statement = statements.element();
		assertThat(statement).startsWith(Thread.currentThread().getName() + ": INSERT");
		assertThat(statements).containsExactly(statement, statement, statement);
		assertThat(rowsSeenByOthers()).isEqualTo(3);
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
		this.listener.received();
		int before = this.woken.get();
		this.wakeups.close();
		int notifications = this.listener.received().size();
		assertThat(before).isEqualTo(producers * tasksEach);
		assertThat(ids).doesNotHaveDuplicates().hasSize(producers * tasksEach);
		assertThat(rowsSeenByOthers()).isEqualTo(producers * tasksEach);
		assertThat(notifications).isBetween(1, producers * tasksEach / 4);
	}

	static TransactionTemplate transaction(DataSource dataSource) {
		return new TransactionTemplate(new JdbcTransactionManager(dataSource));
	}

	private TransactionTemplate propagating(int propagation) {
		TransactionTemplate template = transaction(this.dataSource);
		template.setPropagationBehavior(propagation);
		return template;
	}

	private JdbcTaskClient client(DataSource dataSource) {
		return client(dataSource, this.wakeups);
	}

	static JdbcTaskClient client(DataSource dataSource, Wakeups wakeups) {
		return new JdbcTaskClient(dataSource, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.shared(), TaskRegistry.empty()), List.of(), wakeups);
	}

	private void assertWokenExactly(int times) throws SQLException {
		assertThat(this.woken).hasValue(times);
		this.wakeups.close();
		if (times == 0) {
			assertThat(this.listener.received()).isEmpty();
		}
		else {
			assertThat(this.listener.received()).hasSizeBetween(1, times);
		}
	}

	private int rowsSeenByOthers() {
		try (Connection other = this.database.openConnection();
				var statement = other.createStatement();
				var rows = statement.executeQuery("SELECT count(*) FROM pg_task")) {
			rows.next();
			return rows.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
