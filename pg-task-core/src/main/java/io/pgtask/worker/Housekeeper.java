package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

import io.pgtask.HousekeepingReport;
import io.pgtask.TaskHousekeeping;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps house from time to time, on one thread and, while it does, one connection. No
 * trouble with the database ends it. It may be started again after it was stopped.
 */
public final class Housekeeper {

	private static final Logger logger = LoggerFactory.getLogger(Housekeeper.class);

	private final TaskHousekeeping housekeeping;

	private final Duration period;

	private @Nullable Run run;

	/**
	 * Create a housekeeper that does nothing yet.
	 * @param housekeeping what to do
	 * @param period how often, longer than zero
	 */
	public Housekeeper(TaskHousekeeping housekeeping, Duration period) {
		this.housekeeping = Objects.requireNonNull(housekeeping, "The housekeeping must not be null");
		this.period = Objects.requireNonNull(period, "The period must not be null");
	}

	/**
	 * Do everything that is due, and go on in the background. Does nothing if that is
	 * already so. The first round is done before this returns: what ends afterwards has
	 * its partition.
	 */
	public synchronized void start() {
		if (this.run == null) {
			this.run = new Run();
			this.run.start();
		}
	}

	/**
	 * Stop. A round that has begun is waited for, for a short time.
	 */
	public synchronized void stop() {
		if (this.run != null) {
			this.run.stop();
			this.run = null;
		}
	}

	/**
	 * Return whether this has been started and not been stopped.
	 * @return whether it runs
	 */
	public synchronized boolean isRunning() {
		return this.run != null;
	}

	/** From a start to its stop. */
	private final class Run implements Runnable {

		private final Outage outage = new Outage("housekeeping");

		private final Alarm alarm = new Alarm();

		private final Thread thread = WorkerThreads.daemon("pg-task-housekeeping", this);

		private volatile boolean stopped;

		private List<String> hindered = List.of();

		void start() {
			round();
			this.thread.start();
		}

		void stop() {
			this.stopped = true;
			this.alarm.ring();
			WorkerThreads.end(this.thread);
		}

		@Override
		public void run() {
			try {
				while (!this.stopped) {
					this.alarm.sleep(pause());
					if (!this.stopped) {
						round();
					}
				}
			}
			catch (InterruptedException ex) {
				logger.debug("The housekeeping was interrupted");
			}
			finally {
				this.outage.end();
			}
		}

		/** Nodes that started together do not stay together. */
		private Duration pause() {
			long nanos = Housekeeper.this.period.toNanos();
			return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 10 + 1));
		}

		private void round() {
			try {
				HousekeepingReport report = Housekeeper.this.housekeeping.run();
				this.outage.succeeded();
				tell(report);
			}
			catch (RuntimeException | Error ex) {
				this.outage.failed(ex);
			}
		}

		private void tell(HousekeepingReport report) {
			if (report.hasChanged()) {
				logger.info(
						"The housekeeping has created {} and dropped {}, deleted {} old records, and moved {} dead tasks",
						report.created(), report.dropped(), report.deleted(), report.dead());
			}
			if (!report.performed()) {
				return;
			}
			if (!report.hindered().isEmpty() && this.hindered.isEmpty()) {
				logger.warn(
						"The housekeeping can neither create nor drop {} while somebody has locked the history; it tries again",
						report.hindered());
			}
			this.hindered = report.hindered();
		}

	}

}
