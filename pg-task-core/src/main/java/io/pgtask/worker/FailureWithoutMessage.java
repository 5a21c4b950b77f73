package io.pgtask.worker;

import org.jspecify.annotations.Nullable;

/**
 * A failure for the log, without what it says: the names of its class and those of its
 * causes, and where they were thrown.
 */
final class FailureWithoutMessage extends RuntimeException {

	/** A chain of causes may have no end. */
	private static final int MOST_CAUSES = 20;

	private FailureWithoutMessage(Throwable failure, @Nullable Throwable cause) {
		super(failure.getClass().getName(), cause, false, true);
		setStackTrace(failure.getStackTrace());
	}

	static FailureWithoutMessage of(Throwable failure) {
		return of(failure, MOST_CAUSES);
	}

	private static FailureWithoutMessage of(Throwable failure, int causes) {
		Throwable cause = failure.getCause();
		return new FailureWithoutMessage(failure, (cause != null && causes > 0) ? of(cause, causes - 1) : null);
	}

}
