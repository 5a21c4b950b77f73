package io.pgtask.store;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
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
import tools.jackson.databind.json.JsonMapper;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link JdbcTaskClient}: what it makes of the offer to start a task directly.
 */
@PostgresTest
@Timeout(60)
class DirectInsertTests {

	private static final ReadName STATE = new ReadName("name.txt");

	private final TestDatabase database;

	private final JdbcTemplate jdbc;

	private final Wakeups wakeups;

	private final AtomicInteger woken = new AtomicInteger();

	private final Offers offers = new Offers();

	DirectInsertTests(TestDatabase database) {
		this.database = database;
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.wakeups = new Wakeups(database.dataSource());
		this.wakeups.localWorker(this.woken::incrementAndGet);
	}

	@BeforeEach
	void createTable() {
		TaskSchema.create(this.database.dataSource());
		this.jdbc.update("TRUNCATE pg_task, pg_task_paused");
	}

	@AfterEach
	void close() {
		this.wakeups.close();
	}

	@Test
	void withoutATransactionTheRowIsCommittedWithItsLeaseAndNobodyIsWoken() {
		UUID id = client().enqueue(STATE);
		assertThat(this.offers.told()).containsExactly("committed");
		ClaimedTask task = this.offers.task();
		assertThat(task.id()).isEqualTo(id);
		assertThat(task.text()).isEqualTo(text(id));
		assertThat(task.taskType()).isEqualTo("Greeter");
		assertThat(task.delivery()).isEqualTo(1);
		assertThat(task.tried()).isZero();
		assertThat(this.jdbc.queryForObject("""
				SELECT locked_by = ? AND lock_expires_at = ? AND wakeup_at = ? AND delivery = 1
				FROM pg_task
				""", Boolean.class, this.offers.token(), DatabaseTimes.timestamp(task.leaseExpiresAt()),
				DatabaseTimes.timestamp(task.wakeupAt())))
			.isTrue();
		assertThat(this.woken).hasValue(0);
	}

	@Test
	void withAPoolThatDoesNotCommitByItselfItIsTheSame() {
		client(new WithoutAutoCommit(this.database.dataSource())).enqueue(STATE);
		assertThat(this.offers.told()).containsExactly("committed");
		assertThat(leased()).isEqualTo(1);
	}

	@Test
	void inATransactionTheRowIsToBeConfirmedBehindTheCommit() {
		transaction().executeWithoutResult((status) -> {
			client().enqueue(STATE);
			assertThat(this.offers.told()).isEmpty();
		});
		assertThat(this.offers.told()).containsExactly("unconfirmed for certain");
		assertThat(this.woken).hasValue(0);
	}

	@Test
	void aTransactionOffersOnceWhateverTheClient() {
		transaction().executeWithoutResult((status) -> {
			client().enqueue(STATE);
			client().enqueue(STATE);
		});
		assertThat(this.offers.made()).isEqualTo(1);
		assertThat(leased()).isEqualTo(1);
		assertThat(this.woken).hasValue(1);
	}

	@Test
	void aRollbackWithdrawsTheOffer() {
		transaction().executeWithoutResult((status) -> {
			client().enqueue(STATE);
			status.setRollbackOnly();
		});
		assertThat(this.offers.told()).containsExactly("withdrawn");
	}

	@Test
	void aScopeWithoutATransactionIsNone() {
		TransactionTemplate scope = transaction();
		scope.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
		scope.executeWithoutResult((status) -> {
			client().enqueue(STATE);
			assertThat(this.offers.told()).containsExactly("committed");
		});
	}

	@Test
	void besideTheTransactionOfAnotherDataSourceNothingIsOffered() {
		try (HikariDataSource other = this.database.createPool(1)) {
			new TransactionTemplate(new JdbcTransactionManager(other)).executeWithoutResult((status) -> {
				client().enqueue(STATE);
				client().enqueue(STATE);
			});
		}
		assertThat(this.offers.made()).isZero();
		assertThat(this.woken).hasValue(2);
	}

	@Test
	void inATransactionWhoseEndIsNotToldNothingIsOffered() {
		JdbcTransactionManager manager = new JdbcTransactionManager(this.database.dataSource());
		manager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
		new TransactionTemplate(manager).executeWithoutResult((status) -> client().enqueue(STATE));
		assertThat(this.offers.made()).isZero();
	}

	@Test
	void aTaskOfAPausedTypeIsInsertedWithoutALease() {
		this.jdbc.update("INSERT INTO pg_task_paused (task) VALUES ('Greeter'), ('Other')");
		client().enqueue(STATE);
		transaction().executeWithoutResult((status) -> client().enqueue(STATE));
		assertThat(this.offers.told()).containsExactly("withdrawn", "withdrawn");
		assertThat(leased()).isZero();
		assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task WHERE delivery = 0", Integer.class))
			.isEqualTo(2);
		assertThat(this.woken).hasValue(2);
	}

	@Test
	void aRefusedInsertWithdrawsTheOffer() {
		TaskOptions options = TaskOptions.DEFAULT.withId(UUID.randomUUID());
		client().enqueue(STATE, options);
		assertThatExceptionOfType(DuplicateKeyException.class).isThrownBy(() -> client().enqueue(STATE, options));
		assertThat(this.offers.told()).containsExactly("committed", "withdrawn");
	}

	@Test
	void anInsertWhoseConnectionBrokeMayHaveBeenCommitted() {
		JdbcTaskClient client = client(new DelegatingDataSource(this.database.dataSource()) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
						new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
							if (method.getName().equals("prepareStatement")) {
								throw new SQLException("made to lose the connection", "08006");
							}
							return method.invoke(connection, arguments);
						});
			}

		});
		assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> client.enqueue(STATE));
		assertThat(this.offers.told()).containsExactly("unconfirmed");
	}

	@Test
	void aDeadlineThatHasPassedComesWithTheRow() {
		client().enqueue(STATE, TaskOptions.DEFAULT.withDeadline(Instant.EPOCH));
		assertThat(this.offers.task().missedDeadline()).isEqualTo(Instant.EPOCH);
		client().enqueue(STATE, TaskOptions.DEFAULT.withDeadline(Duration.ofHours(1)));
		assertThat(this.offers.task().missedDeadline()).isNull();
	}

	@Test
	void whatIsGivenBackIsAsIfItHadNeverBeenClaimedAndWorkersAreWoken() {
		UUID id = client().enqueue(STATE);
		UUID free = client().enqueue(STATE);
		this.jdbc.update("UPDATE pg_task SET locked_by = ? WHERE id = ?", UUID.randomUUID(), free);
		this.offers.giveBacks().forEach(Runnable::run);
		await().until(() -> this.woken.get() > 1);
		assertThat(
				this.jdbc.queryForList("SELECT id FROM pg_task WHERE locked_by IS NULL AND delivery = 0", UUID.class))
			.as("without the row that somebody else has by now")
			.containsExactly(id);
	}

	@Test
	void anOperationInTheSameTransactionMakesTheTaskOneLikeAnyOther() {
		JdbcTaskAdmin admin = new JdbcTaskAdmin(this.database.dataSource(), TaskTable.inSearchPath(), this.wakeups);
		transaction().executeWithoutResult((status) -> {
			UUID id = client().enqueue(STATE);
			assertThat(admin.find(id)).hasValueSatisfying((task) -> assertThat(task.delivery()).isZero());
			assertThat(this.offers.told()).containsExactly("withdrawn");
		});
		assertThat(leased()).isZero();
		await().until(() -> this.woken.get() > 0);
		assertThat(this.offers.told()).containsExactly("withdrawn");
	}

	private TransactionTemplate transaction() {
		return new TransactionTemplate(new JdbcTransactionManager(this.database.dataSource()));
	}

	private JdbcTaskClient client() {
		return client(this.database.dataSource());
	}

	private JdbcTaskClient client(DataSource dataSource) {
		DirectStarts directStarts = new DirectStarts();
		directStarts.localWorker(this.offers);
		return new JdbcTaskClient(dataSource, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.shared(), TaskRegistry.empty()), List.of(), this.wakeups, TaskEnds.untold(),
				directStarts);
	}

	private String text(UUID id) {
		return String.valueOf(this.jdbc.queryForObject("SELECT step FROM pg_task WHERE id = ?", String.class, id));
	}

	private int leased() {
		Integer leased = this.jdbc.queryForObject("SELECT count(*) FROM pg_task WHERE locked_by IS NOT NULL",
				Integer.class);
		return (leased != null) ? leased : 0;
	}

}
