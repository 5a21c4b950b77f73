package io.pgtask.autoconfigure;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link JoinedTransaction}.
 */
@PostgresTest
class JoinedTransactionTests {

	private final TestDatabase database;

	private final Connection connection;

	private final Connection joined;

	JoinedTransactionTests(TestDatabase database) throws SQLException {
		this.database = database;
		this.connection = database.openConnection();
		this.connection.setAutoCommit(false);
		this.joined = JoinedTransaction.join(this.connection);
	}

	@BeforeEach
	void createTable() throws SQLException {
		try (Connection other = this.database.openConnection(); Statement statement = other.createStatement()) {
			statement.execute("DROP TABLE IF EXISTS numbers; CREATE TABLE numbers (n int)");
		}
	}

	@AfterEach
	void close() throws SQLException {
		this.connection.close();
	}

	@Test
	void whatItCommitsIsKeptOnlyByTheTransaction() throws SQLException {
		insert(1);
		this.joined.commit();
		assertThat(committedNumbers()).isNull();
		this.connection.commit();
		assertThat(committedNumbers()).isEqualTo("1");
	}

	@Test
	void whatItCommitsGoesWithTheTransaction() throws SQLException {
		insert(1);
		this.joined.commit();
		this.connection.rollback();
		assertThat(committedNumbers()).isNull();
	}

	@Test
	void itRollsBackToWhatItCommittedLast() throws SQLException {
		insert(1);
		this.joined.commit();
		insert(2);
		this.joined.rollback();
		insert(3);
		this.joined.rollback();
		insert(4);
		this.connection.commit();
		assertThat(committedNumbers()).isEqualTo("1,4");
	}

	@Test
	void itGoesOnAfterAFailedStatement() throws SQLException {
		insert(1);
		this.joined.commit();
		assertThatExceptionOfType(PSQLException.class).isThrownBy(() -> execute("SELECT 1/0"));
		this.joined.rollback();
		insert(2);
		this.connection.commit();
		assertThat(committedNumbers()).isEqualTo("1,2");
	}

	@Test
	void itNeitherClosesNorCommitsByTheBack() throws SQLException {
		insert(1);
		assertThat(this.joined.getAutoCommit()).isFalse();
		this.joined.setAutoCommit(true);
		this.joined.close();
		assertThat(this.connection.isClosed()).isFalse();
		assertThat(committedNumbers()).isNull();
	}

	private void insert(int number) throws SQLException {
		execute("INSERT INTO numbers VALUES (%d)".formatted(number));
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = this.joined.createStatement()) {
			statement.execute(sql);
		}
	}

	private String committedNumbers() throws SQLException {
		try (Connection other = this.database.openConnection();
				Statement statement = other.createStatement();
				ResultSet row = statement.executeQuery("SELECT string_agg(n::text, ',' ORDER BY n) FROM numbers")) {
			assertThat(row.next()).isTrue();
			return row.getString(1);
		}
	}

}
