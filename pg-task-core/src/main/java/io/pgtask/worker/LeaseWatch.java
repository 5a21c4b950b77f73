package io.pgtask.worker;

import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what has lost its lease: that execution, and no other. It goes by the clock alone
 * on a thread of its own, so that a database which does not answer, or a pool that makes
 * the {@link LeaseKeeper} wait for a connection, cannot keep a step running that another
 * worker may have taken over.
 */
final class LeaseWatch implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(LeaseWatch.class);

	private final Duration tick;

	private final Holdings holdings;

	private final WorkerEvents events;

	private final Runnable onTick;

	private final Alarm alarm = new Alarm();

	private volatile boolean stopped;

	/**
	 * Create a watch that does not run yet.
	 * @param tick how often to look
	 * @param holdings the executions this worker holds
	 * @param events is told
	 * @param onTick called at every look
	 */
	LeaseWatch(Duration tick, Holdings holdings, WorkerEvents events, Runnable onTick) {
		this.tick = tick;
		this.holdings = holdings;
		this.events = events;
		this.onTick = onTick;
	}

	@Override
	public void run() {
		try {
			while (!this.stopped) {
				look();
				this.alarm.sleep(this.tick);
			}
		}
		catch (InterruptedException ex) {
			logger.debug("The lease watch was interrupted");
		}
	}

	void stop() {
		this.stopped = true;
		this.alarm.ring();
	}

	private void look() {
		try {
			endExpired();
			this.onTick.run();
		}
		// Without this thread leases would end and nobody would notice.
		catch (RuntimeException | Error ex) {
			logger.error("The lease watch failed, and looks again", ex);
		}
	}

	private void endExpired() {
		for (Execution execution : this.holdings.all()) {
			if (execution.lease().isOver()) {
				lose(execution);
			}
		}
	}

	/** An execution no longer has its lease, as the clock or the table says. */
	void lose(Execution execution) {
		if (execution.loseLease()) {
			this.holdings.remove(execution);
			logger.warn("The lease of task {} ({}) is lost; its step is interrupted and will run again elsewhere",
					execution.id(), execution.taskType());
			this.events.leaseLost(execution.taskType(), "");
		}
	}

}
