package io.pgtask.test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link EmbeddedServer}.
 */
class EmbeddedServerTests {

	private static EmbeddedServer server;

	private static TestDatabase database;

	@BeforeAll
	static void create() {
		server = EmbeddedServer.create(EmbeddedServer.DURABLE);
		database = server.createDatabase("restarts");
		server.execute("CREATE TABLE survivors (name text)");
	}

	@AfterAll
	static void close() {
		server.close();
	}

	@Test
	void takesSettings() throws SQLException {
		assertThat(query("SHOW fsync")).isEqualTo("on");
		assertThat(query("SHOW synchronous_commit")).isEqualTo("on");
		assertThat(query("SHOW full_page_writes")).isEqualTo("on");
	}

	@Test
	void keepsPortAndDataWhenItIsStopped() throws SQLException {
		server.execute("INSERT INTO survivors VALUES ('stop')");
		server.stop();
		assertThatExceptionOfType(SQLException.class).isThrownBy(database::openConnection);
		server.start();
		assertThat(query("SELECT count(*) FROM survivors WHERE name = 'stop'")).isEqualTo("1");
	}

	@Test
	void keepsPortAndDataWhenItCrashes() throws SQLException {
		server.execute("INSERT INTO survivors VALUES ('crash')");
		try (Connection connection = database.openConnection()) {
			server.crash();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(connection, "SELECT 1"));
		}
		server.start();
		assertThat(query("SELECT count(*) FROM survivors WHERE name = 'crash'")).isEqualTo("1");
	}

	private static String query(String sql) throws SQLException {
		try (Connection connection = server.dataSource().getConnection()) {
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
