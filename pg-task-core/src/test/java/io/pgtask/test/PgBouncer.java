package io.pgtask.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.FileSystemUtils;

/**
 * A PgBouncer in transaction mode in front of a test's database, as Debian's package
 * {@code pgbouncer} brings it. It can be killed and started again on its port.
 */
public final class PgBouncer implements AutoCloseable {

	private static final List<Path> PLACES = List.of(Path.of("/usr/sbin/pgbouncer"), Path.of("/usr/bin/pgbouncer"),
			Path.of("/usr/local/bin/pgbouncer"), Path.of("/opt/homebrew/bin/pgbouncer"));

	private static final Duration STARTUP_WAIT = Duration.ofSeconds(20);

	private final TestDatabase database;

	private final Path binary;

	private final Path directory;

	private final int port;

	private @Nullable Process process;

	private PgBouncer(Path binary, TestDatabase database, int serverConnections) throws IOException {
		this.binary = binary;
		this.database = database;
		this.directory = Files.createTempDirectory("pgtask-pgbouncer-",
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
		try (ServerSocket socket = new ServerSocket(0)) {
			this.port = socket.getLocalPort();
		}
		Files.writeString(this.directory.resolve("pgbouncer.ini"), configuration(serverConnections));
	}

	/**
	 * Returns whether there is a PgBouncer on this machine.
	 * @return whether it can be started
	 */
	public static boolean isInstalled() {
		return binary().isPresent();
	}

	/**
	 * Starts a PgBouncer.
	 * @param database the only database it leads to
	 * @param serverConnections how many sessions of the server all its clients share
	 * @return the running PgBouncer
	 */
	public static PgBouncer start(TestDatabase database, int serverConnections) {
		try {
			PgBouncer bouncer = new PgBouncer(binary().orElseThrow(), database, serverConnections);
			bouncer.start();
			return bouncer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the URL of the database by way of PgBouncer.
	 * @return the JDBC URL
	 */
	public String url() {
		// It knows no prepared statements before version 1.21, and Debian 12 has 1.18.
		return "jdbc:postgresql://127.0.0.1:%d/%s?prepareThreshold=0".formatted(this.port, this.database.name());
	}

	/**
	 * Starts it on the port it had before.
	 */
	public void start() {
		try {
			this.process = new ProcessBuilder(command()).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
				.start();
			awaitPort(this.process);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Kills it, and all connections with it.
	 */
	public void kill() {
		if (this.process != null) {
			this.process.destroyForcibly().onExit().join();
			this.process = null;
		}
	}

	@Override
	public void close() throws IOException {
		kill();
		FileSystemUtils.deleteRecursively(this.directory);
	}

	private static Optional<Path> binary() {
		return PLACES.stream().filter(Files::isExecutable).findFirst();
	}

	private List<String> command() {
		List<String> command = new ArrayList<>();
		command.add(this.binary.toString());
		if ("root".equals(System.getProperty("user.name"))) {
			// It refuses to run as root.
			command.addAll(List.of("-u", "nobody"));
		}
		command.add(this.directory.resolve("pgbouncer.ini").toString());
		return command;
	}

	private String configuration(int serverConnections) {
		URI server = URI.create(this.database.url().substring("jdbc:".length()).replaceAll("\\?.*", ""));
		String password = this.database.password().isEmpty() ? ""
				: " password='" + this.database.password().replace("'", "''") + "'";
		return """
				[databases]
				%1$s = host=%2$s port=%3$d dbname=%1$s user=%4$s%5$s
				[pgbouncer]
				listen_addr = 127.0.0.1
				listen_port = %6$d
				unix_socket_dir =
				auth_type = any
				pool_mode = transaction
				default_pool_size = %7$d
				max_client_conn = 100
				ignore_startup_parameters = extra_float_digits
				server_login_retry = 1
				""".formatted(this.database.name(), server.getHost(), server.getPort(), this.database.username(),
				password, this.port, serverConnections);
	}

	private void awaitPort(Process starting) throws IOException {
		long deadline = System.nanoTime() + STARTUP_WAIT.toNanos();
		while (System.nanoTime() < deadline && starting.isAlive()) {
			try (Socket socket = new Socket()) {
				socket.connect(new InetSocketAddress("127.0.0.1", this.port), 1000);
				return;
			}
			catch (IOException ex) {
				LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
			}
		}
		kill();
		try (Stream<String> lines = Files.lines(log())) {
			throw new IllegalStateException("PgBouncer did not start: " + lines.toList());
		}
	}

	private Path log() {
		return this.directory.resolve("log");
	}

}
