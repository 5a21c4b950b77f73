package io.pgtask.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link HeldConnection}.
 */
@PostgresTest
class HeldConnectionTests {

	private final TestDatabase database;

	private final HikariDataSource pool;

	private final HeldConnection held;

	HeldConnectionTests(TestDatabase database) {
		this.database = database;
		this.pool = database.createPool(1);
		this.held = new HeldConnection(this.pool, Duration.ofSeconds(5));
	}

	@BeforeEach
	void createTable() {
		JdbcClient.create(this.pool).sql("DROP TABLE IF EXISTS notes").update();
		JdbcClient.create(this.pool).sql("CREATE TABLE notes (text text)").update();
	}

	@AfterEach
	void close() {
		this.held.close();
		this.pool.close();
	}

	@Test
	void workThatEndsInAnErrorIsRolledBackAndReported() throws SQLException {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.held.executeInTransaction((connection) -> {
			insert(connection, "half of a batch");
			throw new OutOfMemoryError("Java heap space");
		})).withMessageContaining("Java heap space").withRootCauseInstanceOf(OutOfMemoryError.class);
		assertThat(this.held.<Boolean>executeInTransaction((connection) -> insert(connection, "the next one")))
			.isFalse();
		this.held.close();
		assertThat(JdbcClient.create(this.pool).sql("SELECT text FROM notes").query(String.class).list())
			.containsExactly("the next one");
	}

	@Test
	void worksUnderReadCommittedAndGivesTheConnectionBackAsItWas() throws SQLException {
		try (Connection borrowed = this.database.openConnection()) {
			borrowed.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
			borrowed.setAutoCommit(false);
			HeldConnection holder = new HeldConnection(new SingleConnectionDataSource(borrowed, true),
					Duration.ofSeconds(5));
			assertThat(holder.<String>execute(HeldConnectionTests::isolation)).isEqualTo("read committed");
			assertThat(holder.<String>executeInTransaction(HeldConnectionTests::isolation)).isEqualTo("read committed");
			holder.close();
			assertThat(borrowed.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
			assertThat(borrowed.getAutoCommit()).isFalse();
			assertThat(borrowed.getNetworkTimeout()).isZero();
		}
	}

	@Test
	void aConnectionThatComesAfterTheCloseIsGivenBackAtOnce() throws Exception {
		CountDownLatch borrowing = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		HeldConnection late = new HeldConnection(new DelegatingDataSource(this.pool) {

			@Override
			public Connection getConnection() throws SQLException {
				borrowing.countDown();
				try {
					closed.await();
				}
				catch (InterruptedException ex) {
					throw new SQLException(ex);
				}
				return super.getConnection();
			}

		}, Duration.ofSeconds(5));
		Thread thread = new Thread(() -> assertThatExceptionOfType(SQLException.class).isThrownBy(late::keepAlive)
			.withMessageContaining("was closed"));
		thread.start();
		borrowing.await();
		late.close();
		closed.countDown();
		thread.join();
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	private static String isolation(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SHOW transaction_isolation")) {
			assertThat(rows.next()).isTrue();
			return rows.getString(1);
		}
	}

	private static boolean insert(Connection connection, String text) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			return statement.execute("INSERT INTO notes VALUES ('" + text + "')");
		}
	}

}
