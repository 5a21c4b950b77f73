package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import javax.sql.DataSource;

import io.pgtask.store.PrimaryConnection;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one connection that listens, and connects again for as long as it runs. What was
 * notified while it was not connected is lost, so everyone is told when it listens again.
 */
final class Notifications implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(Notifications.class);

	private static final int SLICE_MILLIS = 250;

	/** How long a connection is trusted before it is tried. */
	private static final Duration TRUST = Duration.ofSeconds(10);

	private static final Duration LONGEST_STATEMENT = Duration.ofSeconds(5);

	private static final Executor SAME_THREAD = Runnable::run;

	private final DataSource dataSource;

	private final Map<String, Consumer<String>> channels;

	private final Runnable onListening;

	private final ListenerSession session;

	private final Outage outage = new Outage("wake-up listener");

	private final Alarm stop = new Alarm();

	private volatile boolean stopped;

	private volatile @Nullable Long downSinceNanos = System.nanoTime();

	/**
	 * Create a listener that does not run yet.
	 * @param dataSource where to borrow the connection
	 * @param channels what to do with the payloads of each channel
	 * @param onListening called whenever the connection listens, for the first time or
	 * again
	 */
	Notifications(DataSource dataSource, Map<String, Consumer<String>> channels, Runnable onListening) {
		this(dataSource, channels, onListening, ListenerSession.NONE);
	}

	/**
	 * Create a listener that does not run yet.
	 * @param dataSource where to borrow the connection
	 * @param channels what to do with the payloads of each channel
	 * @param onListening called whenever the connection listens, for the first time or
	 * again
	 * @param session what else lives on the connection
	 */
	Notifications(DataSource dataSource, Map<String, Consumer<String>> channels, Runnable onListening,
			ListenerSession session) {
		this.dataSource = dataSource;
		this.channels = Map.copyOf(channels);
		this.onListening = onListening;
		this.session = session;
	}

	@Override
	public void run() {
		try {
			while (!this.stopped) {
				try {
					listen();
				}
				catch (SQLException | RuntimeException ex) {
					markDown();
					if (!this.stopped) {
						this.stop.sleep(this.outage.failed(ex));
					}
				}
			}
		}
		catch (InterruptedException ex) {
			logger.debug("The wake-up listener was interrupted");
		}
		finally {
			this.outage.end();
			this.session.ended();
		}
	}

	void stop() {
		this.stopped = true;
		this.stop.ring();
	}

	/**
	 * Return how long the connection has been down.
	 * @return the time, or {@code null} while it listens
	 */
	@Nullable Duration downFor() {
		Long since = this.downSinceNanos;
		return (since != null) ? Duration.ofNanos(System.nanoTime() - since) : null;
	}

	private void markDown() {
		if (this.downSinceNanos == null) {
			this.downSinceNanos = System.nanoTime();
		}
	}

	private void listen() throws SQLException {
		try (Connection connection = PrimaryConnection.borrow(this.dataSource)) {
			int networkTimeout = connection.getNetworkTimeout();
			boolean autoCommit = connection.getAutoCommit();
			connection.setNetworkTimeout(SAME_THREAD, (int) LONGEST_STATEMENT.toMillis());
			connection.setAutoCommit(true);
			listen(connection);
			// The pool's next user must not get our notifications.
			execute(connection, "UNLISTEN *");
			connection.setAutoCommit(autoCommit);
			connection.setNetworkTimeout(SAME_THREAD, networkTimeout);
		}
	}

	/** A connection that still listens must never get to another user of the pool. */
	private void listen(Connection connection) throws SQLException {
		try {
			subscribe(connection);
			this.downSinceNanos = null;
			this.outage.succeeded();
			this.onListening.run();
			this.session.opened(connection);
			receive(connection);
			this.session.closing(connection);
		}
		catch (SQLException | RuntimeException ex) {
			PrimaryConnection.cut(connection);
			throw ex;
		}
		finally {
			this.session.lost();
		}
	}

	private void subscribe(Connection connection) throws SQLException {
		for (String channel : this.channels.keySet()) {
			execute(connection, "LISTEN " + channel);
		}
	}

	private void receive(Connection connection) throws SQLException {
		PGConnection postgres = connection.unwrap(PGConnection.class);
		long triedNanos = System.nanoTime();
		while (!this.stopped) {
			PGNotification[] notifications = postgres.getNotifications(slice(this.session.tick(connection)));
			if (notifications != null) {
				deliver(notifications);
			}
			if (System.nanoTime() - triedNanos > TRUST.toNanos()) {
				// An empty statement asks nothing of the server, but a dead connection
				// shows, and with the answer the server tells what it has become.
				execute(connection, "");
				triedNanos = System.nanoTime();
			}
			PrimaryConnection.require(connection);
		}
	}

	/** Zero would wait for ever. */
	private static int slice(Duration longest) {
		return (int) Math.max(1, Math.min(SLICE_MILLIS, longest.toMillis()));
	}

	private void deliver(PGNotification[] notifications) {
		for (PGNotification notification : notifications) {
			Consumer<String> consumer = this.channels.get(notification.getName());
			if (consumer != null) {
				consumer.accept(notification.getParameter());
			}
		}
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
