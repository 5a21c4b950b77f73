package io.pgtask.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.test.EmbeddedServer;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The server that everything is measured on: one of our own, or one that is there
 * already.
 */
final class BenchmarkServer implements AutoCloseable {

	/** Without these, nothing that is measured would mean anything. */
	private static final List<String> DURABILITY = List.of("fsync", "synchronous_commit", "full_page_writes");

	private static final List<String> SETTINGS = List.of("server_version", "fsync", "synchronous_commit",
			"full_page_writes", "wal_level", "wal_sync_method", "wal_compression", "shared_buffers", "max_wal_size",
			"checkpoint_timeout", "autovacuum", "autovacuum_naptime", "data_checksums", "jit",
			"shared_preload_libraries");

	private final @Nullable EmbeddedServer embedded;

	private final Database admin;

	private final Database home;

	private BenchmarkServer(@Nullable EmbeddedServer embedded, Database admin) throws SQLException {
		this.embedded = embedded;
		this.admin = admin;
		this.home = createDatabase("home");
	}

	/**
	 * Start a server of our own. No checkpoint is to fall into a run.
	 */
	static BenchmarkServer embedded() throws SQLException {
		Map<String, String> settings = new HashMap<>(EmbeddedServer.DURABLE);
		settings.putAll(Map.of("shared_preload_libraries", "pg_stat_statements", "shared_buffers", "1GB",
				"max_wal_size", "16GB", "checkpoint_timeout", "1h"));
		EmbeddedServer server = EmbeddedServer.create(settings);
		TestDatabase database = server.createDatabase("benchmark");
		return new BenchmarkServer(server,
				new Database(database.name(), database.url(), database.username(), database.password()));
	}

	/**
	 * Use a server that is there already.
	 * @param url the JDBC URL of any of its databases, with a user who may create others
	 */
	static BenchmarkServer at(String url) throws SQLException {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(url);
		return new BenchmarkServer(null, new Database(String.valueOf(dataSource.getDatabaseName()), dataSource.getUrl(),
				dataSource.getUser(), dataSource.getPassword()));
	}

	/** Return the database that the benchmark itself connects to. */
	Database home() {
		return this.home;
	}

	/**
	 * Tell how the server is configured.
	 * @throws IllegalStateException if it does not write durably
	 */
	Map<String, String> settings() throws SQLException {
		Map<String, String> settings = new LinkedHashMap<>();
		try (Connection connection = this.home.unpooled().getConnection();
				Statement statement = connection.createStatement()) {
			for (String setting : SETTINGS) {
				settings.put(setting, show(statement, setting));
			}
			settings.put("data_directory", fileStore(show(statement, "data_directory")));
		}
		for (String setting : DURABILITY) {
			if (!"on".equals(settings.get(setting))) {
				throw new IllegalStateException(
						"%s is %s on this server; it has to be on for figures that mean anything".formatted(setting,
								settings.get(setting)));
			}
		}
		return settings;
	}

	private static String show(Statement statement, String setting) throws SQLException {
		try (ResultSet row = statement
			.executeQuery("SELECT coalesce(current_setting('%s', true), 'hidden')".formatted(setting))) {
			row.next();
			return row.getString(1);
		}
	}

	private static String fileStore(String directory) {
		try {
			return "on " + Files.getFileStore(Path.of(directory)).type();
		}
		catch (IOException ex) {
			return "elsewhere";
		}
	}

	Database createDatabase(String label) throws SQLException {
		String name = "pgtask_%s_%s".formatted(label.replaceAll("[^a-z0-9]+", "_"),
				UUID.randomUUID().toString().substring(0, 8));
		execute("CREATE DATABASE %s TEMPLATE template0".formatted(name));
		PGSimpleDataSource dataSource = this.admin.unpooled();
		dataSource.setDatabaseName(name);
		return new Database(name, dataSource.getUrl(), this.admin.user(), this.admin.password());
	}

	void dropDatabase(Database database) throws SQLException {
		execute("DROP DATABASE %s WITH (FORCE)".formatted(database.name()));
	}

	/** Write everything to the disk, so that no run pays for what was before it. */
	void checkpoint() throws SQLException {
		execute("CHECKPOINT");
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.admin.unpooled().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	@Override
	public void close() throws SQLException {
		dropDatabase(this.home);
		if (this.embedded != null) {
			this.embedded.close();
		}
	}

}
