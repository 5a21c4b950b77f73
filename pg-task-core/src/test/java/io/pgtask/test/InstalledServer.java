package io.pgtask.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.util.FileSystemUtils;

/**
 * A server of this machine's own PostgreSQL, as Debian's packages bring it: unlike those
 * from Maven Central they can make a standby. It belongs to this JVM.
 */
public final class InstalledServer extends PostgresServer implements AutoCloseable {

	private static final Path PLACES = Path.of("/usr/lib/postgresql");

	private static final Duration STARTUP_WAIT = Duration.ofMinutes(1);

	/** PostgreSQL refuses to run as root, and this user owns nothing else. */
	private static final String USER = "nobody";

	private final Path binaries;

	private final Path directory;

	private final int port;

	private final List<String> settings;

	private final Thread stopWithJvm = new Thread(this::destroy, "installed-postgres-stop");

	private @Nullable Process process;

	private InstalledServer(Path binaries, Map<String, String> settings) throws IOException {
		this.binaries = binaries;
		this.directory = Files.createTempDirectory("pgtask-installed-",
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
		this.port = EmbeddedServer.freePort();
		this.settings = settings.entrySet()
			.stream()
			.flatMap((setting) -> Stream.of("-c", setting.getKey() + "=" + setting.getValue()))
			.toList();
		own(this.directory);
		Runtime.getRuntime().addShutdownHook(this.stopWithJvm);
	}

	/**
	 * Returns whether there is a PostgreSQL on this machine that can make a standby.
	 * @return whether servers can be created
	 */
	public static boolean isInstalled() {
		return binaries().isPresent();
	}

	/**
	 * Gives a directory to the user that servers run as.
	 * @param directory the directory
	 * @return the same
	 * @throws IOException if this process may not do that
	 */
	public static Path own(Path directory) throws IOException {
		if (isRoot()) {
			Files.setOwner(directory,
					directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
		}
		return directory;
	}

	/**
	 * Creates and starts a server.
	 * @param settings what to change of its configuration
	 * @param options more options of {@code initdb}
	 * @return the running server
	 */
	public static InstalledServer create(Map<String, String> settings, String... options) {
		return create(settings, (server) -> {
			Stream<String> command = Stream.of("initdb", "-D", server.data(), "-U", "postgres", "--auth=trust",
					"--no-sync");
			server.run(Stream.concat(command, Stream.of(options)).toArray(String[]::new));
		});
	}

	/**
	 * Creates and starts a standby of this server, to which it streams.
	 * @return the running standby
	 */
	public InstalledServer createStandby() {
		return create(Map.of(), (standby) -> standby.run("pg_basebackup", "-D", standby.data(), "-h", "127.0.0.1", "-p",
				Integer.toString(this.port), "-U", "postgres", "-R", "-c", "fast", "-X", "stream", "--no-sync"));
	}

	private static InstalledServer create(Map<String, String> settings, Preparation preparation) {
		try {
			InstalledServer server = new InstalledServer(binaries().orElseThrow(), settings);
			preparation.prepare(server);
			server.start();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns where the server listens, on the loopback interface.
	 * @return the port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Returns unpooled access to a database that always exists.
	 * @return a new data source
	 */
	@Override
	public PGSimpleDataSource dataSource() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setServerNames(new String[] { "127.0.0.1" });
		dataSource.setPortNumbers(new int[] { this.port });
		dataSource.setDatabaseName("postgres");
		dataSource.setUser("postgres");
		return dataSource;
	}

	/**
	 * Makes a standby a primary.
	 */
	public void promote() {
		execute("SELECT pg_promote(true, 60)");
	}

	/**
	 * Refuses to write from now on, as a primary that was fenced does, and goes on to
	 * answer.
	 */
	public void refuseToWrite() {
		execute("ALTER SYSTEM SET default_transaction_read_only = on");
		execute("SELECT pg_reload_conf()");
	}

	/**
	 * Stops the server without an orderly end.
	 */
	public void crash() {
		Process current = this.process;
		if (current == null) {
			return;
		}
		try {
			new ProcessBuilder("kill", "-QUIT", Long.toString(current.pid())).start().waitFor();
			if (!current.waitFor(20, TimeUnit.SECONDS)) {
				destroy();
			}
			this.process = null;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Stops the server and deletes its data.
	 */
	@Override
	public void close() {
		crash();
		Runtime.getRuntime().removeShutdownHook(this.stopWithJvm);
		try {
			FileSystemUtils.deleteRecursively(this.directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns whether the server has not died.
	 * @return whether its first process runs
	 */
	public boolean isAlive() {
		return this.process != null && this.process.isAlive();
	}

	/**
	 * Starts the server, on its port and data.
	 * @throws IOException if that fails
	 */
	public void start() throws IOException {
		List<String> command = new ArrayList<>(List.of("postgres", "-D", data(), "-p", Integer.toString(this.port),
				"-c", "listen_addresses=127.0.0.1", "-k", this.directory.toString()));
		command.addAll(this.settings);
		this.process = process(command);
		long deadline = System.nanoTime() + STARTUP_WAIT.toNanos();
		while (!answers()) {
			if (System.nanoTime() > deadline || !this.process.isAlive()) {
				throw new IllegalStateException("PostgreSQL did not start: " + Files.readString(log()));
			}
			LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
		}
	}

	private boolean answers() {
		try (Connection connection = dataSource().getConnection()) {
			return connection.isValid(5);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	private void destroy() {
		Process current = this.process;
		if (current != null) {
			current.destroyForcibly().onExit().join();
		}
	}

	private void run(String... command) throws IOException {
		try {
			Process running = process(List.of(command));
			if (!running.waitFor(STARTUP_WAIT.toSeconds(), TimeUnit.SECONDS) || running.exitValue() != 0) {
				throw new IllegalStateException(command[0] + " failed: " + Files.readString(log()));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(command[0] + " was interrupted", ex);
		}
	}

	private Process process(List<String> command) throws IOException {
		List<String> line = new ArrayList<>();
		if (isRoot()) {
			line.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=nogroup", "--clear-groups", "--"));
		}
		line.add(this.binaries.resolve(command.get(0)).toString());
		line.addAll(command.subList(1, command.size()));
		return new ProcessBuilder(line).directory(this.directory.toFile())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
			.start();
	}

	private String data() {
		return this.directory.resolve("data").toString();
	}

	private Path log() {
		return this.directory.resolve("log");
	}

	private static boolean isRoot() {
		return "root".equals(System.getProperty("user.name"));
	}

	/** Returns those of the newest release that is complete. */
	private static Optional<Path> binaries() {
		if (!Files.isDirectory(PLACES)) {
			return Optional.empty();
		}
		try (Stream<Path> releases = Files.list(PLACES)) {
			return releases.map((release) -> release.resolve("bin"))
				.filter((bin) -> Files.isExecutable(bin.resolve("postgres"))
						&& Files.isExecutable(bin.resolve("pg_basebackup")))
				.max(Comparator.comparing(Path::toString));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** What has to be done before a server can start. */
	@FunctionalInterface
	private interface Preparation {

		void prepare(InstalledServer server) throws IOException;

	}

}
