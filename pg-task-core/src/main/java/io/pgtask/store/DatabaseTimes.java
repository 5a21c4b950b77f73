package io.pgtask.store;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

import org.jspecify.annotations.Nullable;

/**
 * The caller's times as the database takes them: in microseconds, rounded up, so that no
 * task is due too early.
 */
final class DatabaseTimes {

	// Added to today it is a timestamp of PostgreSQL's, and one that the Rust library can
	// read too.
	private static final Duration LONGEST_DELAY = Duration.ofDays(200_000L * 365);

	private static final Instant EARLIEST = Instant.EPOCH;

	private static final Instant LATEST = Instant.parse("+294276-12-31T23:59:59.999999Z");

	private DatabaseTimes() {
	}

	static long microseconds(Duration delay) {
		if (delay.compareTo(LONGEST_DELAY) >= 0) {
			return LONGEST_DELAY.toSeconds() * 1_000_000;
		}
		return delay.getSeconds() * 1_000_000 + (delay.getNano() + 999) / 1000;
	}

	/**
	 * Write a timestamp as an element of an array. PostgreSQL knows no sign before the
	 * year.
	 */
	static @Nullable String text(@Nullable OffsetDateTime timestamp) {
		if (timestamp == null) {
			return null;
		}
		String text = timestamp.toString();
		return text.startsWith("+") ? text.substring(1) : text;
	}

	/**
	 * Write an instant for a statement in which one that has passed means now.
	 * @throws IllegalArgumentException if PostgreSQL has no timestamp that late
	 */
	static OffsetDateTime timestamp(Instant instant) {
		if (instant.isAfter(LATEST)) {
			throw new IllegalArgumentException("The instant " + instant + " is later than " + LATEST
					+ ", the last one that PostgreSQL has a timestamp for");
		}
		Instant possible = instant.isBefore(EARLIEST) ? EARLIEST : instant;
		Instant truncated = possible.truncatedTo(ChronoUnit.MICROS);
		Instant roundedUp = truncated.equals(possible) ? truncated : truncated.plus(1, ChronoUnit.MICROS);
		return roundedUp.atOffset(ZoneOffset.UTC);
	}

}
