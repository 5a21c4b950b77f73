package io.pgtask.sample.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How to reach the embedded server, and the little that is asked of it over JDBC.
 */
final class PostgresUrls {

	/**
	 * The superuser; the server listens on this machine only and trusts everyone there.
	 */
	static final String USER = "sample";

	private static final String DATABASE = "sample";

	private static final String MAINTENANCE_DATABASE = "postgres";

	private static final String DATABASE_EXISTS = "SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'";

	private static final String CREATE_DATABASE = "CREATE DATABASE " + DATABASE;

	private PostgresUrls() {
	}

	static String jdbc(int port) {
		return jdbc(port, DATABASE);
	}

	/**
	 * Return the command that opens a session.
	 * @param port the server's port
	 * @return the command
	 */
	static String psql(int port) {
		return "psql postgresql://" + USER + "@localhost:" + port + "/" + DATABASE;
	}

	/**
	 * Return whether the server on a port accepts connections and serves a data
	 * directory: a server of somebody else may have got the port since.
	 * @param port the port
	 * @param data the data directory
	 * @return whether it is the right server, and ready
	 */
	static boolean isServing(int port, Path data) throws IOException {
		try (Connection connection = connect(port);
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SHOW data_directory")) {
			result.next();
			return Files.isSameFile(Path.of(result.getString(1)), data);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	/**
	 * Create the application's database unless it exists.
	 * @param port the server's port
	 */
	static void createDatabase(int port) {
		try (Connection connection = connect(port); Statement statement = connection.createStatement()) {
			boolean exists;
			try (ResultSet result = statement.executeQuery(DATABASE_EXISTS)) {
				exists = result.next();
			}
			if (!exists) {
				statement.execute(CREATE_DATABASE);
			}
		}
		catch (SQLException ex) {
			throw new EmbeddedPostgresException("Cannot create the database " + DATABASE, ex);
		}
	}

	private static Connection connect(int port) throws SQLException {
		// Whatever has got the port since may accept connections and say nothing.
		return DriverManager.getConnection(jdbc(port, MAINTENANCE_DATABASE) + "?loginTimeout=5", USER, "");
	}

	private static String jdbc(int port, String database) {
		return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
	}

}
