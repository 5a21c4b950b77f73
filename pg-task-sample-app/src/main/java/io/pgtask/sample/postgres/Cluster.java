package io.pgtask.sample.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.util.FileSystemUtils;

/**
 * One data directory and the server that runs on it, if any. Only one process at a time
 * may call its methods; {@link SharedFolder} sees to that.
 */
class Cluster {

	private static final Logger logger = LoggerFactory.getLogger(Cluster.class);

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	/**
	 * Left as they are, and what makes a commit durable: fsync, synchronous_commit,
	 * full_page_writes.
	 */
	private static final String SETTINGS = """

			# Written by the pg-task sample application
			listen_addresses = '127.0.0.1'
			unix_socket_directories = ''
			""";

	private final PostgresCommand command;

	private final Path data;

	private final Path log;

	Cluster(PostgresCommand command, Path data) {
		this.command = command;
		this.data = data;
		this.log = data.resolveSibling("postgresql.log");
	}

	/**
	 * Return the port of the server on this data directory: one that is running, be it
	 * another application's or an orphan, or a new one.
	 * @param preferredPort the port of a new server unless it is taken, 0 for any
	 * @return the port
	 */
	int startOrAdopt(int preferredPort) throws IOException {
		initialize();
		OptionalInt running = findRunning();
		if (running.isPresent()) {
			logger.info("Using the PostgreSQL that is running on {}", this.data);
			return running.getAsInt();
		}
		return start(FreePort.preferably(preferredPort));
	}

	/**
	 * Stop the server: its clients are disconnected, everything committed is on disk.
	 */
	void stop() {
		this.command.run("pg_ctl", "stop", "-D", this.data.toString(), "-m", "fast", "-w", "-t", timeout());
		logger.info("Stopped PostgreSQL on {}", this.data);
	}

	private void initialize() throws IOException {
		if (Files.exists(this.data)) {
			return;
		}
		logger.info("Creating a database cluster in {}", this.data);
		// Renamed when complete, so that a crash leaves no half of it in its place.
		Path unfinished = this.data.resolveSibling("initializing");
		FileSystemUtils.deleteRecursively(unfinished);
		this.command.run("initdb", "-D", unfinished.toString(), "-U", PostgresUrls.USER, "-A", "trust", "-E", "UTF8",
				"--no-locale");
		Files.writeString(unfinished.resolve("postgresql.conf"), SETTINGS, StandardOpenOption.APPEND);
		Files.move(unfinished, this.data, StandardCopyOption.ATOMIC_MOVE);
	}

	private OptionalInt findRunning() throws IOException {
		long start = System.nanoTime();
		while (true) {
			Optional<PostmasterPid> server = PostmasterPid.read(this.data);
			if (server.isEmpty()) {
				return OptionalInt.empty();
			}
			// Before anything is concluded from process ids and times: others may use it.
			if (PostgresUrls.isServing(server.get().port(), this.data)) {
				return OptionalInt.of(server.get().port());
			}
			if (!mayStillServe(server.get())) {
				return OptionalInt.empty();
			}
			// It is starting, recovering from a crash, or stopping.
			if (System.nanoTime() - start > TIMEOUT.toNanos()) {
				throw new EmbeddedPostgresException("The process " + server.get().pid() + ", which "
						+ PostmasterPid.in(this.data)
						+ " says is the PostgreSQL on this folder, has not answered on port " + server.get().port()
						+ " for " + TIMEOUT.toSeconds() + " seconds. End that process; its log is " + this.log + ".");
			}
			pause();
		}
	}

	private boolean mayStillServe(PostmasterPid server) throws IOException {
		if (!server.isInUse()) {
			// PostgreSQL deals with that itself when it starts.
			return false;
		}
		if (server.isReused()) {
			logger.info("The process {} is no longer the PostgreSQL on {}: recovering from a crash", server.pid(),
					this.data);
			// PostgreSQL would take that process for a server and refuse to start.
			Files.deleteIfExists(PostmasterPid.in(this.data));
			return false;
		}
		return true;
	}

	private int start(int port) {
		try {
			this.command.run("pg_ctl", "start", "-D", this.data.toString(), "-l", this.log.toString(), "-o",
					"-p " + port, "-w", "-t", timeout());
		}
		catch (EmbeddedPostgresException ex) {
			throw new EmbeddedPostgresException("PostgreSQL does not start on " + this.data + "; its log is " + this.log
					+ ". Delete the folder to begin anew, or set spring.datasource.url to use another PostgreSQL.", ex);
		}
		return port;
	}

	private static String timeout() {
		return String.valueOf(TIMEOUT.toSeconds());
	}

	private static void pause() {
		try {
			Thread.sleep(100);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new EmbeddedPostgresException("Interrupted while waiting for PostgreSQL", ex);
		}
	}

}
