package io.pgtask;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * An attempt has failed because it took longer than the {@link TaskStep#timeout()
 * timeout} of its step. Nobody throws it into the step, whose thread is interrupted; it
 * is what the attempt is recorded with, and may be named by {@link TaskStep#retryFor()}
 * and {@link TaskStep#noRetryFor()}.
 */
public class StepTimeoutException extends PgTaskException {

	/**
	 * Create an exception.
	 * @param timeout the time the attempt had
	 * @param cause what the step threw when it was interrupted, or {@code null}
	 */
	public StepTimeoutException(Duration timeout, @Nullable Throwable cause) {
		super("the attempt took longer than its timeout of " + timeout, cause);
	}

}
