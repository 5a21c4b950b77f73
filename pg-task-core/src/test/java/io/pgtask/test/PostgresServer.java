package io.pgtask.test;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server to test against. The {@link #shared() shared one} is the first of
 * <ol>
 * <li>the server at the JDBC URL in the environment variable {@code PGTASK_TEST_URL},
 * with the user in the URL or in {@code PGTASK_TEST_USER} and
 * {@code PGTASK_TEST_PASSWORD},</li>
 * <li>a container, if the system property {@code pgtask.test.postgres} is
 * {@code testcontainers}, of the image in {@code pgtask.test.image},</li>
 * <li>an {@link EmbeddedServer}.</li>
 * </ol>
 */
public abstract class PostgresServer {

	private static final int LABEL_LENGTH = 40;

	private final Set<String> databases = ConcurrentHashMap.newKeySet();

	/**
	 * Returns the one server of this JVM.
	 * @return the server, started on first use and stopped with the JVM
	 */
	public static PostgresServer shared() {
		return Shared.SERVER;
	}

	/**
	 * Creates an empty database.
	 * @param label what the database is for: a part of its name
	 * @return the database, which the caller closes
	 */
	public final TestDatabase createDatabase(String label) {
		String name = nameFor(label);
		execute("CREATE DATABASE %s TEMPLATE template0".formatted(name));
		execute("ALTER DATABASE %s SET TimeZone = '%s'".formatted(name, TestDatabase.TIME_ZONE));
		this.databases.add(name);
		return new TestDatabase(this, name);
	}

	final void dropDatabase(String name) {
		execute("DROP DATABASE IF EXISTS %s WITH (FORCE)".formatted(name));
		this.databases.remove(name);
	}

	final boolean hasDatabases() {
		return !this.databases.isEmpty();
	}

	final void execute(String sql) {
		try (Connection connection = dataSource().getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("Failed: " + sql, ex);
		}
	}

	/**
	 * Returns unpooled access to a database that always exists, as a user who may create
	 * others.
	 * @return a new data source
	 */
	abstract PGSimpleDataSource dataSource();

	private static String nameFor(String label) {
		String readable = label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
		String unique = UUID.randomUUID().toString().substring(0, 8);
		return "pgtask_%s_%s".formatted(readable.substring(0, Math.min(readable.length(), LABEL_LENGTH)), unique);
	}

	private static final class Shared {

		private static final PostgresServer SERVER = select();

		private static PostgresServer select() {
			String url = System.getenv("PGTASK_TEST_URL");
			if (url != null) {
				return new ExternalServer(url);
			}
			String kind = System.getProperty("pgtask.test.postgres", "embedded");
			return switch (kind) {
				case "embedded" -> EmbeddedServer.create();
				case "testcontainers" -> new ContainerServer();
				default -> throw new IllegalStateException(
						"pgtask.test.postgres is '%s', not embedded or testcontainers".formatted(kind));
			};
		}

	}

}
