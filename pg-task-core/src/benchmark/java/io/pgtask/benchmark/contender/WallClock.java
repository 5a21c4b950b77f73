package io.pgtask.benchmark.contender;

import java.time.Instant;

/**
 * The clock of the machine, which all processes of the benchmark share.
 */
public final class WallClock {

	private static final long NANOS_PER_SECOND = 1_000_000_000;

	private WallClock() {
	}

	/**
	 * Return the time.
	 * @return nanoseconds since 1970
	 */
	public static long nanos() {
		Instant now = Instant.now();
		return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
	}

}
