package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a claim lasts, as this worker may rely on it: counted on the monotonic clock
 * from before the statement was sent that made or renewed it, and therefore never longer
 * than the database counts it.
 *
 * @param endNanos the end, on the scale of {@link System#nanoTime()}
 * @param deadline the end by the database's clock, for people
 */
record Lease(long endNanos, Instant deadline) {

	/** Longer than any transaction. */
	static final Lease ENDLESS = new Lease(System.nanoTime() + Duration.ofDays(36500).toNanos(),
			Instant.parse("9999-12-31T00:00:00Z"));

	static Lease sentAt(long sentNanos, Duration length, Instant deadline) {
		return new Lease(sentNanos + length.toNanos(), deadline);
	}

	/** Return the later one of this lease and one that begins at another moment. */
	Lease extended(long sentNanos, Duration length) {
		long gained = sentNanos + length.toNanos() - this.endNanos;
		return (gained > 0) ? new Lease(this.endNanos + gained, this.deadline.plusNanos(gained)) : this;
	}

	Duration remaining() {
		return Duration.ofNanos(Math.max(0, this.endNanos - System.nanoTime()));
	}

	boolean isOver() {
		return this.endNanos - System.nanoTime() <= 0;
	}

}
