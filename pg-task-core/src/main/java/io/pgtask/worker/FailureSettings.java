package io.pgtask.worker;

import java.time.Duration;
import java.util.Objects;

import io.pgtask.PgTaskConfigurationException;

/**
 * What a {@link Worker} does about failed and overdue attempts. Immutable.
 *
 * @param maxKept how many failed attempts of a step are kept in its row: the first and
 * the newest ones; 0 for none
 * @param stackTrace whether to keep their stack traces, too
 * @param maxPostponed how often a step may come back later without using an attempt,
 * before its task is parked
 * @param timeoutGrace how long a step may go on after it was interrupted because of its
 * timeout, or because its task is cancelled; then its task goes on, or ends, without it
 * @param logMessages whether log lines repeat what exceptions and reasons of the
 * application say
 */
public record FailureSettings(int maxKept, boolean stackTrace, int maxPostponed, Duration timeoutGrace,
		boolean logMessages) {

	/** Keeps the arithmetic in nanoseconds inside a {@code long}. */
	private static final Duration LONGEST = Duration.ofDays(36500);

	/** The settings of a worker that was not configured. */
	public static final FailureSettings DEFAULT = new FailureSettings(10, false, 1000, Duration.ofSeconds(10));

	/**
	 * Create settings with which log lines repeat the messages of the application.
	 * @param maxKept how many failed attempts of a step are kept
	 * @param stackTrace whether to keep their stack traces, too
	 * @param maxPostponed how often a step may come back later
	 * @param timeoutGrace how long a step may go on after its timeout
	 */
	public FailureSettings(int maxKept, boolean stackTrace, int maxPostponed, Duration timeoutGrace) {
		this(maxKept, stackTrace, maxPostponed, timeoutGrace, true);
	}

	public FailureSettings {
		require(maxKept >= 0, "The number of failed attempts to keep must be 0 or more but is " + maxKept,
				"Set pg-task.failures.max-kept to 0 or more.");
		require(maxPostponed >= 0, "How often a step may come back later must be 0 or more but is " + maxPostponed,
				"Set pg-task.failures.max-postponed to 0 or more.");
		Objects.requireNonNull(timeoutGrace, "The grace after a timeout must not be null");
		require(!timeoutGrace.isNegative(), "The grace after a timeout must not be negative but is " + timeoutGrace,
				"Set pg-task.failures.timeout-grace to zero or more.");
		timeoutGrace = (timeoutGrace.compareTo(LONGEST) < 0) ? timeoutGrace : LONGEST;
	}

	/**
	 * Change whether log lines repeat what exceptions and reasons of the application say.
	 * @param logMessages whether they do
	 * @return the changed copy
	 */
	public FailureSettings withLogMessages(boolean logMessages) {
		return new FailureSettings(this.maxKept, this.stackTrace, this.maxPostponed, this.timeoutGrace, logMessages);
	}

	private static void require(boolean condition, String message, String action) {
		if (!condition) {
			throw new PgTaskConfigurationException(message, action);
		}
	}

}
