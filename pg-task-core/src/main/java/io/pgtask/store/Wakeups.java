package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the workers that there may be work: those of this JVM at once, those of the other
 * nodes by a notification. Thread-safe.
 * <p>
 * A transaction that notifies waits at its commit for every other one that does, so the
 * notification never travels in the transaction that made the work. It is sent behind it
 * by a thread of its own, on a connection that is borrowed for that moment: one at a
 * time, however many tasks were enqueued meanwhile. A notification that cannot be sent is
 * dropped, because every worker also looks for work by itself from time to time.
 */
public final class Wakeups implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Wakeups.class);

	// There is nothing in this transaction that the disk would have to keep.
	private static final String NOTIFY = """
			SELECT set_config('synchronous_commit', 'off', true), pg_notify('pg_task_changed', '')
			""";

	/** Under load, what comes in this time shares a notification. */
	private static final Duration PAUSE = Duration.ofMillis(5);

	private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

	private static final Duration NETWORK_TIMEOUT = Duration.ofSeconds(10);

	private static final Duration IDLE_TIME = Duration.ofSeconds(10);

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

	/** The driver only aborts its own socket in the executor it is given. */
	private static final Executor SAME_THREAD = Runnable::run;

	private final DataSource dataSource;

	private final List<Runnable> localWorkers = new CopyOnWriteArrayList<>();

	private final AtomicBoolean requested = new AtomicBoolean();

	private final ThreadPoolExecutor notifier;

	private final Duration closeTimeout;

	private final OutageLog.Part outage = OutageLog.PROCESS.part("notifier of other nodes");

	/**
	 * Create wake-ups. No thread is started and no connection borrowed until the first
	 * one is needed.
	 * @param dataSource the database of the workers
	 */
	public Wakeups(DataSource dataSource) {
		this(dataSource, IDLE_TIME, CLOSE_TIMEOUT);
	}

	Wakeups(DataSource dataSource, Duration idleTime, Duration closeTimeout) {
		this.dataSource = Objects.requireNonNull(dataSource, "The data source must not be null");
		this.notifier = createNotifier(idleTime);
		this.closeTimeout = closeTimeout;
	}

	/**
	 * Add a worker of this JVM.
	 * @param wake called on the thread that has made work, and must return at once; an
	 * exception is logged and otherwise ignored
	 */
	public void localWorker(Runnable wake) {
		this.localWorkers.add(Objects.requireNonNull(wake, "The worker's wake-up must not be null"));
	}

	/**
	 * Wake the workers of this and of all other nodes. To be called when the work has
	 * been committed; returns at once, fails never, and does nothing beyond this JVM once
	 * closed.
	 */
	public void wake() {
		this.localWorkers.forEach(Wakeups::wakeLocally);
		if (this.requested.compareAndSet(false, true)) {
			this.notifier.execute(this::notifyOthers);
		}
	}

	/**
	 * Wake the workers when something has been done that makes the work visible.
	 * @param work is done on the thread that sends the notifications
	 */
	void wakeAfter(Runnable work) {
		this.notifier.execute(() -> {
			work.run();
			wake();
		});
	}

	/**
	 * Send what has been requested, for a few seconds at most, and end the thread.
	 */
	@Override
	public void close() {
		this.notifier.shutdown();
		try {
			if (!this.notifier.awaitTermination(this.closeTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
				this.notifier.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			this.notifier.shutdownNow();
			Thread.currentThread().interrupt();
		}
		this.outage.end();
	}

	private static void wakeLocally(Runnable worker) {
		try {
			worker.run();
		}
		catch (RuntimeException ex) {
			logger.warn("A worker could not be woken and will find its work by its next poll", ex);
		}
	}

	private void notifyOthers() {
		// Before, not after: what is committed from here on needs another notification.
		this.requested.set(false);
		try {
			send();
			this.outage.succeeded();
			pause(PAUSE);
		}
		catch (SQLException | RuntimeException ex) {
			this.outage.failed(ex);
			pause(PAUSE_AFTER_FAILURE);
		}
	}

	private void send() throws SQLException {
		try (Connection connection = PrimaryConnection.borrow(this.dataSource)) {
			int networkTimeout = connection.getNetworkTimeout();
			connection.setNetworkTimeout(SAME_THREAD, (int) NETWORK_TIMEOUT.toMillis());
			try (Statement statement = connection.createStatement()) {
				statement.execute(NOTIFY);
				if (!connection.getAutoCommit()) {
					connection.commit();
				}
			}
			finally {
				connection.setNetworkTimeout(SAME_THREAD, networkTimeout);
			}
		}
	}

	private void pause(Duration duration) {
		if (this.notifier.isShutdown()) {
			return;
		}
		try {
			Thread.sleep(duration.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static ThreadPoolExecutor createNotifier(Duration idleTime) {
		ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, idleTime.toMillis(), TimeUnit.MILLISECONDS,
				new LinkedBlockingQueue<>(), Wakeups::createThread, new ThreadPoolExecutor.DiscardPolicy());
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	private static Thread createThread(Runnable work) {
		Thread thread = new Thread(null, work, "pg-task-wakeups", 0, false);
		thread.setDaemon(true);
		thread.setContextClassLoader(Wakeups.class.getClassLoader());
		return thread;
	}

}
