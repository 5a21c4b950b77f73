package io.pgtask.sample.postgres;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This application's use of the PostgreSQL server of a folder.
 * <p>
 * Applications with the same folder share one server. It is started by the first one and
 * stopped by the last one that ends, whichever these are. A server whose applications
 * were all killed goes on running, is adopted by the next application, and is stopped
 * with it.
 */
final class EmbeddedPostgres implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(EmbeddedPostgres.class);

	private final SharedFolder folder;

	private final Cluster cluster;

	private final Closeable use;

	private final int port;

	private EmbeddedPostgres(SharedFolder folder, Cluster cluster, Closeable use, int port) {
		this.folder = folder;
		this.cluster = cluster;
		this.use = use;
		this.port = port;
	}

	/**
	 * Start the server of a folder, or join those who use it.
	 * @param properties the folder, and the port of a new server
	 * @return the use of the server
	 */
	static EmbeddedPostgres start(EmbeddedPostgresProperties properties) {
		try {
			Path home = Files.createDirectories(properties.directory()).toRealPath();
			SharedFolder folder = new SharedFolder(home);
			try {
				return start(home, folder, properties.port());
			}
			catch (IOException | RuntimeException ex) {
				folder.close();
				throw ex;
			}
		}
		catch (IOException ex) {
			throw new EmbeddedPostgresException("Cannot use the folder " + properties.directory(), ex);
		}
	}

	private static EmbeddedPostgres start(Path home, SharedFolder folder, int preferredPort) throws IOException {
		try (Closeable turn = folder.awaitTurn()) {
			PostgresCommand command = new PostgresCommand(PostgresBinaries.unpackInto(home));
			Cluster cluster = new Cluster(command, home.resolve("postgresql-" + majorVersion(command)));
			int port = cluster.startOrAdopt(preferredPort);
			PostgresUrls.createDatabase(port);
			return new EmbeddedPostgres(folder, cluster, folder.join(), port);
		}
	}

	int port() {
		return this.port;
	}

	@Override
	public void close() {
		try (this.folder; Closeable turn = this.folder.awaitTurn()) {
			this.use.close();
			if (this.folder.isUnused()) {
				this.cluster.stop();
			}
			else {
				logger.info("PostgreSQL goes on for the other applications that use it");
			}
		}
		catch (IOException | EmbeddedPostgresException ex) {
			logger.warn("Cannot stop PostgreSQL", ex);
		}
	}

	/**
	 * A server cannot read the files of another major version, hence a data directory for
	 * each.
	 */
	private static String majorVersion(PostgresCommand command) {
		String version = command.run("postgres", "--version");
		return version.replaceFirst("^\\D*(\\d+).*", "$1");
	}

}
