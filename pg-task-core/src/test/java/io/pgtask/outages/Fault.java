package io.pgtask.outages;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.pgtask.test.EmbeddedServer;
import io.pgtask.test.InstalledServer;
import io.pgtask.test.TestDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * A server, and what will befall it or the way to it.
 */
abstract class Fault implements AutoCloseable {

	private static final Duration LASTING = Duration.ofSeconds(4);

	private final String url;

	private final String user;

	private final DataSource dataSource;

	private Fault(String url, String user, DataSource dataSource) {
		this.url = url;
		this.user = user;
		this.dataSource = dataSource;
	}

	static Fault of(String name) throws Exception {
		return switch (name) {
			case "restart" -> new Restart(EmbeddedServer.create(EmbeddedServer.DURABLE));
			case "terminate" -> new Terminate(EmbeddedServer.create(EmbeddedServer.DURABLE));
			case "black-hole" -> BlackHole.create();
			case "failover" -> Failover.create();
			default -> throw new IllegalArgumentException("There is no fault " + name);
		};
	}

	/** Returns the URL for workers. */
	String url() {
		return this.url;
	}

	String user() {
		return this.user;
	}

	/** Returns the database as it is before the fault. */
	DataSource dataSource() {
		return this.dataSource;
	}

	/** Strikes, and returns when it has lasted long enough. */
	abstract void strike() throws Exception;

	/** Ends it, and returns when the server is there. */
	abstract void end() throws Exception;

	@Override
	public abstract void close() throws Exception;

	private static void last() throws InterruptedException {
		TimeUnit.NANOSECONDS.sleep(LASTING.toNanos());
	}

	/** The server is killed and started again. */
	private static final class Restart extends Fault {

		private final EmbeddedServer server;

		private Restart(EmbeddedServer server) {
			this(server, server.createDatabase("restart"));
		}

		private Restart(EmbeddedServer server, TestDatabase database) {
			super(database.url(), database.username(), database.dataSource());
			this.server = server;
		}

		@Override
		void strike() throws Exception {
			this.server.crash();
			last();
		}

		@Override
		void end() {
			this.server.start();
		}

		@Override
		public void close() {
			this.server.close();
		}

	}

	/** All sessions of workers are cut five times a second. */
	private static final class Terminate extends Fault {

		private final EmbeddedServer server;

		private Terminate(EmbeddedServer server) {
			this(server, server.createDatabase("terminate"));
		}

		private Terminate(EmbeddedServer server, TestDatabase database) {
			super(database.url(), database.username(), database.dataSource());
			this.server = server;
		}

		@Override
		void strike() throws Exception {
			JdbcClient jdbc = JdbcClient.create(dataSource());
			for (int i = 0; i < 5 * LASTING.toSeconds(); i++) {
				jdbc.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?")
					.param(ErrandWorker.NAME)
					.query()
					.listOfRows();
				TimeUnit.MILLISECONDS.sleep(200);
			}
		}

		@Override
		void end() {
			// It has ended with the last cut.
		}

		@Override
		public void close() {
			this.server.close();
		}

	}

	/** The network swallows everything. */
	private static final class BlackHole extends Fault {

		private final EmbeddedServer server;

		private final TcpProxy network;

		private BlackHole(EmbeddedServer server, TcpProxy network, TestDatabase database) {
			super("jdbc:postgresql://127.0.0.1:%d/%s".formatted(network.port(), database.name()), database.username(),
					database.dataSource());
			this.server = server;
			this.network = network;
		}

		private static Fault create() throws Exception {
			EmbeddedServer server = EmbeddedServer.create(EmbeddedServer.DURABLE);
			return new BlackHole(server, new TcpProxy("localhost", server.port()), server.createDatabase("network"));
		}

		@Override
		void strike() throws Exception {
			this.network.swallow();
			last();
		}

		@Override
		void end() {
			this.network.pass();
		}

		@Override
		public void close() throws Exception {
			this.network.close();
			this.server.close();
		}

	}

	/** The primary dies, and its standby takes its place. */
	private static final class Failover extends Fault {

		private final InstalledServer primary;

		private final InstalledServer standby;

		private Failover(InstalledServer primary, InstalledServer standby) {
			super("jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?targetServerType=primary&hostRecheckSeconds=1"
				.formatted(primary.port(), standby.port()), "postgres", primary.dataSource());
			this.primary = primary;
			this.standby = standby;
		}

		private static Fault create() {
			assumeThat(InstalledServer.isInstalled()).as("a PostgreSQL in /usr/lib/postgresql").isTrue();
			InstalledServer primary = InstalledServer.create(Map.of("synchronous_standby_names", "*"));
			return new Failover(primary, primary.createStandby());
		}

		@Override
		void strike() throws Exception {
			this.primary.crash();
			last();
		}

		@Override
		void end() {
			this.standby.promote();
		}

		@Override
		public void close() {
			this.standby.close();
			this.primary.close();
		}

	}

}
