package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

import javax.sql.DataSource;

import io.pgtask.TaskEnd;
import io.pgtask.store.AwaitStatement;
import io.pgtask.store.EndNotice;
import io.pgtask.store.HeldConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link TaskEndWatch} from its first caller until nobody has waited for a while: the
 * thread that looks, and the one that listens.
 */
final class EndWatchRun implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(EndWatchRun.class);

	/** Whoever begins to wait in this time shares a query. */
	private static final Duration PAUSE = Duration.ofMillis(2);

	private static final Duration NETWORK_TIMEOUT = Duration.ofSeconds(10);

	private static final int MOST_AT_ONCE = 1000;

	private final DataSource dataSource;

	private final AwaitStatement statement;

	private final AwaitedTasks tasks;

	private final Duration idle;

	private final Predicate<EndWatchRun> mayEnd;

	private final Outage outage = new Outage("watch for the ends of tasks");

	private final Alarm alarm = new Alarm();

	private final CompletableFuture<Void> heardAnything = new CompletableFuture<>();

	private final @Nullable Notifications notifications;

	private final Thread looking = WorkerThreads.daemon("pg-task-await", this);

	private final @Nullable Thread listening;

	private volatile boolean stopped;

	/**
	 * Create a run.
	 * @param dataSource where to borrow connections
	 * @param statement looks at tasks
	 * @param tasks the tasks to look at
	 * @param listen whether to listen as well
	 * @param idle how long nobody must have waited before the run ends
	 * @param mayEnd asked before it does, so that nobody begins to wait in vain
	 */
	EndWatchRun(DataSource dataSource, AwaitStatement statement, AwaitedTasks tasks, boolean listen, Duration idle,
			Predicate<EndWatchRun> mayEnd) {
		this.dataSource = dataSource;
		this.statement = statement;
		this.tasks = tasks;
		this.idle = idle;
		this.mayEnd = mayEnd;
		this.notifications = listen
				? new Notifications(dataSource, Map.of(EndNotice.CHANNEL, this::heard), this::listening) : null;
		this.listening = (this.notifications != null)
				? WorkerThreads.daemon("pg-task-await-listener", this.notifications) : null;
	}

	void start() {
		if (this.listening != null) {
			this.listening.start();
		}
		this.looking.start();
	}

	/** Look now: somebody waits for another task. */
	void ring() {
		this.alarm.ring();
	}

	/**
	 * Wait for a short time until this listens: what ends before is not heard of, only
	 * missed at the next look.
	 */
	void awaitListening() {
		if (this.notifications != null) {
			WorkerThreads.await(this.heardAnything, AwaitedTasks.GRACE);
		}
	}

	boolean isListening() {
		return this.notifications != null && this.notifications.downFor() == null;
	}

	@Override
	public void run() {
		awaitListening();
		try {
			while (!this.stopped) {
				if (!this.tasks.isEmpty()) {
					look();
				}
				else if (!this.alarm.sleep(this.idle) && this.mayEnd.test(this)) {
					stop();
				}
			}
		}
		catch (InterruptedException ex) {
			logger.debug("The watch for the ends of tasks was interrupted");
		}
		finally {
			this.outage.end();
		}
	}

	private void look() throws InterruptedException {
		List<UUID> due = this.tasks.due(MOST_AT_ONCE);
		if (due.isEmpty()) {
			// Nobody rings when the last caller gives up.
			Duration next = this.tasks.untilNextLook();
			this.alarm.sleep((next.compareTo(this.idle) < 0) ? next : this.idle);
			return;
		}
		try (HeldConnection connection = new HeldConnection(this.dataSource, NETWORK_TIMEOUT)) {
			this.tasks.seen(due, connection.execute((borrowed) -> this.statement.look(borrowed, due)));
			this.outage.succeeded();
			Thread.sleep(PAUSE.toMillis());
		}
		catch (SQLException ex) {
			Thread.sleep(this.outage.failed(ex).toMillis());
		}
	}

	private void heard(String payload) {
		EndNotice.parse(payload)
			.ifPresentOrElse(this::heard, () -> logger.debug("A notification that pg-task did not send: {}", payload));
	}

	private void heard(EndNotice notice) {
		switch (notice.way()) {
			case DONE -> this.tasks.ended(notice.ids(), TaskEnd.Outcome.DONE);
			case CANCELLED -> this.tasks.ended(notice.ids(), TaskEnd.Outcome.CANCELLED);
			case DELETED -> this.tasks.ended(notice.ids(), TaskEnd.Outcome.DELETED);
			case EXPIRED -> this.tasks.ended(notice.ids(), TaskEnd.Outcome.EXPIRED);
			case ERRORED -> {
				// The row has the error.
				this.tasks.look(notice.ids());
				ring();
			}
		}
	}

	/** What was notified before this, in an outage, is lost. */
	private void listening() {
		this.heardAnything.complete(null);
		this.tasks.lookAtAll();
		ring();
	}

	/** End soon. */
	void stop() {
		this.stopped = true;
		if (this.notifications != null) {
			this.notifications.stop();
		}
		ring();
	}

	/** Wait until the connections have been given back, for a short time. */
	void join() {
		WorkerThreads.end(this.looking);
		if (this.listening != null) {
			WorkerThreads.end(this.listening);
		}
	}

}
