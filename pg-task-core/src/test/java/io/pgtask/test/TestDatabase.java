package io.pgtask.test;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database of a test. Its sessions are in a time zone that is neither UTC nor that of
 * the JVM, so that a timestamp which lost its zone on the way shows up as a wrong one.
 */
public final class TestDatabase implements AutoCloseable {

	/**
	 * The time zone of the sessions, whose summer time is half an hour off.
	 */
	public static final String TIME_ZONE = "Australia/Lord_Howe";

	private static final int DEFAULT_POOL_SIZE = 10;

	private final PostgresServer server;

	private final String name;

	private final Queue<HikariDataSource> pools = new ConcurrentLinkedQueue<>();

	private @Nullable HikariDataSource defaultPool;

	TestDatabase(PostgresServer server, String name) {
		this.server = server;
		this.name = name;
	}

	/**
	 * Returns the name of this database.
	 * @return the name, usable in SQL without quotes
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns the JDBC URL of this database, for a connection with {@link #username()}
	 * and {@link #password()}.
	 * @return the URL
	 */
	public String url() {
		return unpooled().getUrl();
	}

	/**
	 * Returns the user to connect as.
	 * @return the user
	 */
	public String username() {
		return Objects.requireNonNullElse(unpooled().getUser(), "postgres");
	}

	/**
	 * Returns the password of the user.
	 * @return the password, empty if the server does not ask for one
	 */
	public String password() {
		return Objects.requireNonNullElse(unpooled().getPassword(), "");
	}

	/**
	 * Returns the pool that the tests of a class share.
	 * @return the pool, the same one each time
	 */
	public synchronized HikariDataSource dataSource() {
		if (this.defaultPool == null) {
			this.defaultPool = createPool(DEFAULT_POOL_SIZE);
		}
		return this.defaultPool;
	}

	/**
	 * Creates another pool, say that of a second application node.
	 * @param size how many connections it has at most
	 * @return the pool, closed with this database at the latest
	 */
	public HikariDataSource createPool(int size) {
		HikariConfig config = new HikariConfig();
		config.setDataSource(unpooled());
		config.setConnectionInitSql(setTimeZone());
		config.setMaximumPoolSize(size);
		config.setMinimumIdle(0);
		HikariDataSource pool = new HikariDataSource(config);
		this.pools.add(pool);
		return pool;
	}

	/**
	 * Opens a connection outside any pool.
	 * @return a connection, which the caller closes
	 * @throws SQLException if the server cannot be reached
	 */
	public Connection openConnection() throws SQLException {
		Connection connection = unpooled().getConnection();
		try (Statement statement = connection.createStatement()) {
			statement.execute(setTimeZone());
		}
		return connection;
	}

	/**
	 * Cuts every connection to this database, as a failover does.
	 */
	public void terminateConnections() {
		this.server.execute("""
				SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = '%s' AND pid <> pg_backend_pid()""".formatted(this.name));
	}

	/**
	 * Closes the pools and drops the database, whoever is still connected.
	 */
	@Override
	public void close() {
		this.pools.forEach(HikariDataSource::close);
		this.server.dropDatabase(this.name);
	}

	private PGSimpleDataSource unpooled() {
		PGSimpleDataSource dataSource = this.server.dataSource();
		dataSource.setDatabaseName(this.name);
		return dataSource;
	}

	/*
	 * The zone of the database is not enough: the driver asks for that of the JVM.
	 */
	private static String setTimeZone() {
		return "SET TIME ZONE '%s'".formatted(TIME_ZONE);
	}

}
