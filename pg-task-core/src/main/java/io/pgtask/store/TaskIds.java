package io.pgtask.store;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes task ids: UUIDs of version 7 (RFC 9562), which end up side by side in the primary
 * key and sort by the time they were made. Every id of an instance is larger than the one
 * before, also when the clock stands still or is set back.
 */
final class TaskIds {

	private static final TaskIds SHARED = new TaskIds(InstantSource.system());

	private static final int SUBMILLISECOND_BITS = 12;

	private static final long SUBMILLISECONDS = 1L << SUBMILLISECOND_BITS;

	private static final long VERSION_7 = 0x7000L;

	private static final long RFC_VARIANT = 0x8000_0000_0000_0000L;

	private static final long RANDOM_BITS = 0x3FFF_FFFF_FFFF_FFFFL;

	private final SecureRandom random = new SecureRandom();

	private final AtomicLong lastTick = new AtomicLong();

	private final InstantSource clock;

	TaskIds(InstantSource clock) {
		this.clock = clock;
	}

	/** The ids of this JVM. */
	static TaskIds shared() {
		return SHARED;
	}

	UUID next() {
		long tick = this.lastTick.updateAndGet((last) -> Math.max(last + 1, currentTick()));
		long milliseconds = tick >>> SUBMILLISECOND_BITS;
		long fraction = tick & (SUBMILLISECONDS - 1);
		return new UUID(milliseconds << 16 | VERSION_7 | fraction, RFC_VARIANT | this.random.nextLong() & RANDOM_BITS);
	}

	/**
	 * The time in units of a millisecond's 4,096th part (RFC 9562, section 6.2, method
	 * 3).
	 */
	private long currentTick() {
		Instant now = this.clock.instant();
		long fraction = (now.getNano() % 1_000_000) * SUBMILLISECONDS / 1_000_000;
		return now.toEpochMilli() << SUBMILLISECOND_BITS | fraction;
	}

}
