package io.pgtask.worker;

import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has outcomes saved, in batches that form by themselves: what finishes while one is
 * being written makes the next.
 */
final class TransitionWriter implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(TransitionWriter.class);

	private static final long PATIENCE_MILLIS = 100;

	private final OutcomeSaver saver;

	private final OutcomeQueue queue;

	private volatile boolean finishing;

	TransitionWriter(OutcomeSaver saver, OutcomeQueue queue) {
		this.saver = saver;
		this.queue = queue;
	}

	@Override
	public void run() {
		try {
			while (!this.finishing || (this.queue.unsettled() > 0 && !this.saver.isAbandoned())) {
				List<Outcome> batch = this.queue.take(PATIENCE_MILLIS);
				if (batch.isEmpty()) {
					this.saver.keepAlive();
				}
				else {
					this.saver.save(batch);
				}
				this.saver.savePostponed();
			}
		}
		catch (InterruptedException ex) {
			logger.debug("The transition writer was interrupted with {} outcomes unsaved", this.queue.unsettled());
		}
		finally {
			this.saver.outage().end();
		}
	}

	/** End as soon as everything is saved. */
	void finish() {
		this.finishing = true;
	}

	/** End even if not everything is saved. */
	void abandon() {
		this.saver.abandon();
	}

	/** Whether there is no trouble: what cannot be saved would run in vain, and again. */
	boolean isSaving() {
		return this.saver.outage().trouble() == null;
	}

	Outage outage() {
		return this.saver.outage();
	}

}
