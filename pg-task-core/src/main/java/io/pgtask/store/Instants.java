package io.pgtask.store;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Instants as the database writes them.
 */
final class Instants {

	// PostgreSQL's timestamps end in 294276 AD and begin in 4713 BC.
	private static final Instant LATEST = Instant.parse("+200000-01-01T00:00:00Z");

	private static final Instant EARLIEST = Instant.EPOCH;

	private Instants() {
	}

	/**
	 * Write an instant so that the database can read it: one it cannot hold becomes one
	 * that is as good as never, or long ago.
	 */
	static @Nullable String literal(@Nullable Instant instant) {
		if (instant == null) {
			return null;
		}
		if (instant.isAfter(LATEST)) {
			return "200000-01-01T00:00:00Z";
		}
		return instant.isBefore(EARLIEST) ? EARLIEST.toString() : format(instant);
	}

	/**
	 * Java puts a plus sign before a year of five digits, which the database does not
	 * read.
	 */
	private static String format(Instant instant) {
		String text = instant.toString();
		return text.startsWith("+") ? text.substring(1) : text;
	}

}
