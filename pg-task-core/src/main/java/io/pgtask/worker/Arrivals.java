package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.ConfirmStatement;
import io.pgtask.store.DirectRow;
import io.pgtask.store.HeldConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows that were inserted with a lease of this worker and are committed, or may be. The
 * claimer takes them on, and not the caller's thread: a thread that the executor starts
 * for it would inherit what belongs to a request of the application.
 * <p>
 * What was inserted in somebody else's transaction, or with a connection that broke, is
 * read before, all in one statement. It may have been rolled back to a savepoint, deleted
 * or changed, of which nobody was told.
 */
final class Arrivals {

	private static final Logger logger = LoggerFactory.getLogger(Arrivals.class);

	/** When to look again for a row that may still come. */
	private static final Duration PAUSE = Duration.ofSeconds(1);

	private final ConfirmStatement statement;

	private final DirectRuns runs;

	private final Runnable onArrival;

	private final Queue<Arrival> waiting = new ConcurrentLinkedQueue<>();

	private volatile boolean closed;

	/**
	 * Create arrivals.
	 * @param statement reads rows
	 * @param runs takes on what is there
	 * @param onArrival called when there is something to {@link #settle}
	 */
	Arrivals(ConfirmStatement statement, DirectRuns runs, Runnable onArrival) {
		this.statement = statement;
		this.runs = runs;
		this.onArrival = onArrival;
	}

	/**
	 * Add a row that is there.
	 * @param onSettled called when the task runs or never will
	 */
	void add(DirectRow row, ClaimedTask task, Runnable onSettled) {
		add(new Arrival(row, task, true, onSettled, System.nanoTime()));
		this.onArrival.run();
	}

	/**
	 * Add a row that is to be read.
	 * @param certain whether its transaction is committed
	 * @param onSettled called when the task runs or never will
	 */
	void add(DirectRow row, boolean certain, Runnable onSettled) {
		add(new Arrival(row, null, certain, onSettled, System.nanoTime()));
		this.onArrival.run();
	}

	private void add(Arrival arrival) {
		this.waiting.add(arrival);
		if (this.closed && this.waiting.remove(arrival)) {
			giveBack(arrival);
		}
	}

	/**
	 * Settle what is due.
	 * @param connection where to read
	 * @return whether the database was asked
	 * @throws SQLException if it refuses; what was to be read is due again then
	 */
	boolean settle(HeldConnection connection) throws SQLException {
		List<Arrival> unread = new ArrayList<>();
		long now = System.nanoTime();
		for (Arrival arrival : this.waiting) {
			if (arrival.task() == null && this.runs.isInTime(arrival.row().sentNanos())) {
				if (now - arrival.dueNanos() >= 0) {
					unread.add(arrival);
				}
			}
			else if (this.waiting.remove(arrival)) {
				settle(arrival, arrival.task());
			}
		}
		if (unread.isEmpty()) {
			return false;
		}
		read(connection, unread);
		return true;
	}

	private void read(HeldConnection connection, List<Arrival> unread) throws SQLException {
		Map<UUID, ConfirmStatement.Confirmed> found = connection
			.execute((jdbc) -> this.statement.read(jdbc, unread.stream().map(Arrival::row).toList()));
		for (Arrival arrival : unread) {
			if (this.waiting.remove(arrival)) {
				ConfirmStatement.Confirmed confirmed = found.get(arrival.row().token());
				if (confirmed != null) {
					settle(arrival, confirmed.startable() ? confirmed.task() : null);
				}
				else {
					absent(arrival);
				}
			}
		}
	}

	private void settle(Arrival arrival, @Nullable ClaimedTask task) {
		if (task != null && this.runs.run(task, arrival.row().sentNanos())) {
			arrival.onSettled().run();
		}
		else {
			giveBack(arrival);
		}
	}

	private void absent(Arrival arrival) {
		if (arrival.certain()) {
			logger.debug("Task {} is gone since it was inserted", arrival.row().id());
			arrival.onSettled().run();
		}
		else {
			add(new Arrival(arrival.row(), null, false, arrival.onSettled(), System.nanoTime() + PAUSE.toNanos()));
		}
	}

	private static void giveBack(Arrival arrival) {
		arrival.onSettled().run();
		arrival.row().giveBack().run();
	}

	/**
	 * Return when there is something to settle, unless more arrives.
	 * @param longest the longest answer
	 * @return how long there is nothing to do
	 */
	Duration untilDue(Duration longest) {
		long now = System.nanoTime();
		long nanos = longest.toNanos();
		for (Arrival arrival : this.waiting) {
			nanos = Math.min(nanos, Math.max(0, arrival.dueNanos() - now));
		}
		return Duration.ofNanos(nanos);
	}

	/** Give back what is there, and what arrives from now on. */
	void close() {
		this.closed = true;
		for (Arrival arrival = this.waiting.poll(); arrival != null; arrival = this.waiting.poll()) {
			giveBack(arrival);
		}
	}

	/**
	 * A row.
	 *
	 * @param task the row as a claim would have returned it, or {@code null} if it is to
	 * be read
	 * @param certain whether its transaction is committed, so that it is there or never
	 * will be
	 * @param dueNanos when to read it
	 */
	private record Arrival(DirectRow row, @Nullable ClaimedTask task, boolean certain, Runnable onSettled,
			long dueNanos) {

	}

}
