package io.pgtask.worker;

import java.time.Duration;
import java.util.Objects;

import io.pgtask.PgTaskConfigurationException;

/**
 * How a {@link Worker} works. Immutable; every {@code with} method returns a changed
 * copy. A duration of more than a hundred years counts as a hundred years.
 *
 * @param concurrency how many steps run at once, 1 or more
 * @param leaseTimeout how long a claim lasts unless it is renewed
 * @param heartbeatInterval how often the leases of running steps are renewed; shorter
 * than the lease
 * @param pollInterval how long the worker sleeps at most between two looks at the table:
 * the bound on a wake-up that is lost
 * @param shutdownTimeout how long running steps may go on after the worker was told to
 * stop; after that they are interrupted and given back
 * @param maxDeliveries how many claims of a step may end without an outcome, because its
 * worker died or lost its lease, before the task is parked
 * @param listen whether to hold a connection that listens for wake-ups; without it (for
 * instance behind PgBouncer in transaction mode) the worker polls
 * @param honourStopWorker whether the worker stops on the notification
 * {@code stop_worker}
 * @param presence whether the worker shows, by the connection that listens, that it
 * lives, so that others take over its tasks within seconds if it dies; without listening
 * it does not
 */
public record WorkerSettings(int concurrency, Duration leaseTimeout, Duration heartbeatInterval, Duration pollInterval,
		Duration shutdownTimeout, int maxDeliveries, boolean listen, boolean honourStopWorker, boolean presence) {

	/** Keeps the arithmetic in nanoseconds inside a {@code long}. */
	private static final Duration LONGEST = Duration.ofDays(36500);

	/** The settings of a worker that was not configured. */
	public static final WorkerSettings DEFAULT = new WorkerSettings(6, Duration.ofSeconds(60), Duration.ofSeconds(20),
			Duration.ofSeconds(10), Duration.ofSeconds(20), 10, true, true, true);

	public WorkerSettings {
		require(concurrency >= 1, "The worker's concurrency must be 1 or more but is " + concurrency,
				"Set pg-task.worker.concurrency to the number of steps that may run at once.");
		requirePositive(leaseTimeout, "lease timeout", "pg-task.worker.lease-timeout");
		requirePositive(heartbeatInterval, "heartbeat interval", "pg-task.worker.heartbeat-interval");
		requirePositive(pollInterval, "poll interval", "pg-task.worker.poll-interval");
		Objects.requireNonNull(shutdownTimeout, "The shutdown timeout must not be null");
		require(!shutdownTimeout.isNegative(), "The worker's shutdown timeout must not be negative",
				"Set pg-task.worker.shutdown-timeout to zero or more.");
		require(maxDeliveries >= 1, "The worker's maximum of deliveries must be 1 or more but is " + maxDeliveries,
				"Set pg-task.worker.max-deliveries to 1 or more.");
		require(heartbeatInterval.compareTo(leaseTimeout) < 0,
				"The worker's heartbeat interval (" + heartbeatInterval + ") is not shorter than its lease ("
						+ leaseTimeout + "), so that every lease would end before it is renewed",
				"Set pg-task.worker.heartbeat-interval to a third of pg-task.worker.lease-timeout or less.");
		leaseTimeout = limited(leaseTimeout);
		heartbeatInterval = limited(heartbeatInterval);
		pollInterval = limited(pollInterval);
		shutdownTimeout = limited(shutdownTimeout);
	}

	/**
	 * Change the concurrency.
	 * @param concurrency how many steps run at once, 1 or more
	 * @return the changed copy
	 */
	public WorkerSettings withConcurrency(int concurrency) {
		return new WorkerSettings(concurrency, this.leaseTimeout, this.heartbeatInterval, this.pollInterval,
				this.shutdownTimeout, this.maxDeliveries, this.listen, this.honourStopWorker, this.presence);
	}

	/**
	 * Change the lease and how often it is renewed, which must fit together.
	 * @param leaseTimeout how long a claim lasts unless it is renewed
	 * @param heartbeatInterval how often leases are renewed, shorter than the lease
	 * @return the changed copy
	 */
	public WorkerSettings withLease(Duration leaseTimeout, Duration heartbeatInterval) {
		return new WorkerSettings(this.concurrency, leaseTimeout, heartbeatInterval, this.pollInterval,
				this.shutdownTimeout, this.maxDeliveries, this.listen, this.honourStopWorker, this.presence);
	}

	/**
	 * Change the longest sleep between two looks at the table.
	 * @param pollInterval the interval, longer than zero
	 * @return the changed copy
	 */
	public WorkerSettings withPollInterval(Duration pollInterval) {
		return new WorkerSettings(this.concurrency, this.leaseTimeout, this.heartbeatInterval, pollInterval,
				this.shutdownTimeout, this.maxDeliveries, this.listen, this.honourStopWorker, this.presence);
	}

	/**
	 * Change how long running steps may go on when the worker stops.
	 * @param shutdownTimeout the time, zero or more
	 * @return the changed copy
	 */
	public WorkerSettings withShutdownTimeout(Duration shutdownTimeout) {
		return new WorkerSettings(this.concurrency, this.leaseTimeout, this.heartbeatInterval, this.pollInterval,
				shutdownTimeout, this.maxDeliveries, this.listen, this.honourStopWorker, this.presence);
	}

	/**
	 * Change how many claims of a step may end without an outcome.
	 * @param maxDeliveries the number of claims, 1 or more
	 * @return the changed copy
	 */
	public WorkerSettings withMaxDeliveries(int maxDeliveries) {
		return new WorkerSettings(this.concurrency, this.leaseTimeout, this.heartbeatInterval, this.pollInterval,
				this.shutdownTimeout, maxDeliveries, this.listen, this.honourStopWorker, this.presence);
	}

	/**
	 * Change whether a connection listens for wake-ups.
	 * @param listen whether to listen; otherwise the worker polls
	 * @return the changed copy
	 */
	public WorkerSettings withListen(boolean listen) {
		return new WorkerSettings(this.concurrency, this.leaseTimeout, this.heartbeatInterval, this.pollInterval,
				this.shutdownTimeout, this.maxDeliveries, listen, this.honourStopWorker, this.presence);
	}

	/**
	 * Change whether the notification {@code stop_worker} stops the worker.
	 * @param honourStopWorker whether to stop
	 * @return the changed copy
	 */
	public WorkerSettings withHonourStopWorker(boolean honourStopWorker) {
		return new WorkerSettings(this.concurrency, this.leaseTimeout, this.heartbeatInterval, this.pollInterval,
				this.shutdownTimeout, this.maxDeliveries, this.listen, honourStopWorker, this.presence);
	}

	/**
	 * Change whether the worker shows that it lives.
	 * @param presence whether others can take over its tasks within seconds; otherwise
	 * they wait for the end of its leases
	 * @return the changed copy
	 */
	public WorkerSettings withPresence(boolean presence) {
		return new WorkerSettings(this.concurrency, this.leaseTimeout, this.heartbeatInterval, this.pollInterval,
				this.shutdownTimeout, this.maxDeliveries, this.listen, this.honourStopWorker, presence);
	}

	/**
	 * Return how many connections the worker holds for itself, besides those its steps
	 * borrow and one more that it borrows while it works off a backlog of steps too fast
	 * to use the database.
	 * @return the number of connections
	 */
	public int connections() {
		return this.listen ? 4 : 3;
	}

	private static Duration limited(Duration duration) {
		return (duration.compareTo(LONGEST) < 0) ? duration : LONGEST;
	}

	private static void requirePositive(Duration duration, String what, String property) {
		Objects.requireNonNull(duration, "The " + what + " must not be null");
		require(!duration.isNegative() && !duration.isZero(),
				"The worker's " + what + " must be longer than zero but is " + duration,
				"Set " + property + " to a duration such as 20s.");
	}

	private static void require(boolean condition, String message, String action) {
		if (!condition) {
			throw new PgTaskConfigurationException(message, action);
		}
	}

}
