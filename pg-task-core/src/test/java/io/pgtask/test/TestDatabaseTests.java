package io.pgtask.test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TestDatabase}.
 */
@PostgresTest
class TestDatabaseTests {

	private final TestDatabase database;

	TestDatabaseTests(TestDatabase database) {
		this.database = database;
	}

	@Test
	void isTheSameInAllTestsOfAClass(TestDatabase parameter) {
		assertThat(parameter).isSameAs(this.database);
	}

	@Test
	void hasTheTimeZoneInPooledAndRawConnections() throws SQLException {
		try (Connection connection = this.database.openConnection()) {
			assertThat(query(connection, "SHOW TimeZone")).isEqualTo(TestDatabase.TIME_ZONE);
		}
		assertThat(query(this.database.dataSource(), "SHOW TimeZone")).isEqualTo(TestDatabase.TIME_ZONE);
	}

	@Test
	void goesWithItsPoolsWhenItIsClosed() throws SQLException {
		TestDatabase other = PostgresServer.shared().createDatabase("Closed One");
		assertThat(query(other.createPool(1), "SELECT current_database()")).isEqualTo(other.name());
		assertThat(other.name()).startsWith("pgtask_closed_one_");
		other.close();
		assertThatExceptionOfType(SQLException.class).isThrownBy(other::openConnection)
			.withMessageContaining("does not exist");
	}

	@Test
	void cutsConnections() throws SQLException {
		try (Connection connection = this.database.openConnection()) {
			this.database.terminateConnections();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(connection, "SELECT 1"));
		}
	}

	@Nested
	class NestedTests {

		@Test
		void share(TestDatabase parameter) {
			assertThat(parameter).isSameAs(TestDatabaseTests.this.database);
		}

	}

	private static String query(DataSource dataSource, String sql) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			return query(connection, sql);
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			assertThat(rows.next()).isTrue();
			return rows.getString(1);
		}
	}

}
