package io.pgtask.model;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

import io.pgtask.FatalStepException;
import io.pgtask.NextStep;

/**
 * What a step does.
 */
enum Ending {

	DONE, NOW, DELAY, AT, RETRY, THROW, THROW_FATAL, FAIL, LATER, CANCEL;

	/** Whether the attempt has failed and may be made again. */
	boolean isFailure() {
		return this == RETRY || this == THROW || this == THROW_FATAL;
	}

	/** How many hours later it is in the model, where it says so. */
	static final int HOURS = 3;

	/**
	 * Do it.
	 * @param next the state of the next step, should there be one
	 * @param delay how much later it is, where it says so
	 */
	<T> NextStep<T> end(T next, Duration delay) throws IOException {
		return switch (this) {
			case DONE -> NextStep.done();
			case NOW -> NextStep.now(next);
			case DELAY -> NextStep.delay(next, delay);
			case AT -> NextStep.at(next, Instant.now().plus(delay));
			case RETRY -> NextStep.retry(new IOException("not yet"), delay);
			case THROW -> throw new IOException("broken");
			case THROW_FATAL -> throw new FatalStepException("broken for good");
			case FAIL -> NextStep.fail("failed for good");
			case LATER -> NextStep.later(delay);
			case CANCEL -> NextStep.cancel("not wanted any more");
		};
	}

}
