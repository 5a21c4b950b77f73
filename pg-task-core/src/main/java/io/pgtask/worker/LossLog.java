package io.pgtask.worker;

import java.util.UUID;

import io.pgtask.store.LinePace;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log of claims that were lost. After an outage a worker loses all of them at
 * once: then one is told of in full, and the others are counted. Thread-safe.
 */
final class LossLog {

	private static final Logger logger = LoggerFactory.getLogger(LossLog.class);

	private final LinePace pace;

	private @Nullable String first;

	private int more;

	private volatile boolean pending;

	LossLog(LinePace pace) {
		this.pace = pace;
	}

	/** The lease is over by the clock, or the row has another owner. */
	void leaseLost(UUID task, String taskType) {
		lost("The lease of task " + task + " (" + taskType
				+ ") is lost; its step is interrupted and will run again elsewhere");
	}

	/** The table does not accept what the step has come to. */
	void outcomeDropped(UUID task, StepOutcome outcome) {
		lost("The outcome of task " + task + " (" + outcome
				+ ") is dropped, because its lease expired or is no longer owned");
	}

	/** The answer to a commit was lost. */
	void commitUnknown(UUID task) {
		lost("The connection broke while the transaction of task " + task
				+ " was committed; the task goes on from where its row is when its lease ends");
	}

	/** Tell what could not be told before, if it may be told now. */
	void tell() {
		if (this.pending) {
			tell(false);
		}
	}

	/** Tell the rest: the worker has stopped. */
	void tellRest() {
		tell(true);
	}

	private synchronized void lost(String line) {
		logger.debug(line);
		if (this.first == null) {
			this.first = line;
		}
		else {
			this.more++;
		}
		this.pending = true;
		tell(false);
	}

	private synchronized void tell(boolean anyway) {
		if (this.first == null || (!this.pace.take() && !anyway)) {
			return;
		}
		logger.warn("{}{}", this.first,
				(this.more == 0) ? "" : " (" + this.more + " more claims have been lost since the last line)");
		this.first = null;
		this.more = 0;
		this.pending = false;
	}

}
