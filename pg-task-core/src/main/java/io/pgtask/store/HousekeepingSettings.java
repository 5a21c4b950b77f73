package io.pgtask.store;

import java.time.Duration;
import java.util.Objects;

import io.pgtask.PgTaskConfigurationException;

/**
 * For how long things are kept.
 *
 * @param retention how long the record of an ended task is kept at least, longer than
 * zero; it goes with the last one of its day
 * @param daysAhead for how many days ahead the history has partitions, 1 or more: so long
 * may there be no housekeeping before records go to the default partition
 * @param deadAfter how long a task is parked at least before it is moved to the dead
 * ones, longer than zero
 */
public record HousekeepingSettings(Duration retention, int daysAhead, Duration deadAfter) {

	/** The settings of a housekeeping that was not configured. */
	public static final HousekeepingSettings DEFAULT = new HousekeepingSettings(Duration.ofDays(14), 3,
			Duration.ofDays(7));

	public HousekeepingSettings {
		requirePositive(retention, "history would be kept for", "pg-task.history.retention");
		requirePositive(deadAfter, "tasks that are parked would be moved after", "pg-task.dead-letters.after");
		if (daysAhead < 1 || daysAhead > 365) {
			throw new PgTaskConfigurationException(
					"The days for which partitions of the history are made ahead must be between 1 and 365 but are "
							+ daysAhead,
					"Set pg-task.housekeeping.days-ahead to a number such as 3.");
		}
	}

	private static void requirePositive(Duration duration, String what, String property) {
		Objects.requireNonNull(duration, "The duration must not be null");
		if (duration.isNegative() || duration.isZero()) {
			throw new PgTaskConfigurationException("The " + what + " " + duration + ", which is not longer than zero",
					"Set " + property + " to a duration such as 14d.");
		}
	}

}
