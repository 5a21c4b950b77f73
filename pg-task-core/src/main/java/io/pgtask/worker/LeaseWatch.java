package io.pgtask.worker;

import java.time.Duration;

import io.pgtask.store.OutageLog;
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

	private final LossLog losses;

	private final Runnable onTick;

	private final Alarm alarm = new Alarm();

	private volatile boolean stopped;

	/**
	 * Create a watch that does not run yet.
	 * @param tick how often to look
	 * @param holdings the executions this worker holds
	 * @param events is told
	 * @param losses is told, too, and tells the rest when this ends
	 * @param onTick called at every look
	 */
	LeaseWatch(Duration tick, Holdings holdings, WorkerEvents events, LossLog losses, Runnable onTick) {
		this.tick = tick;
		this.holdings = holdings;
		this.events = events;
		this.losses = losses;
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
		finally {
			this.losses.tellRest();
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
			this.losses.tell();
			OutageLog.PROCESS.tell();
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
			this.losses.leaseLost(execution.id(), execution.taskType());
			this.events.leaseLost(execution.taskType(), "");
		}
	}

}
