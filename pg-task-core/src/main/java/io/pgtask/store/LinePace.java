package io.pgtask.store;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Lets one line a second into the log. In an outage every part of every worker has
 * something to say, and says it again when its connection is cut again: a log that is
 * flooded by one cause hides all others. Thread-safe.
 */
public final class LinePace {

	/**
	 * The pace of everything in this process that tells of trouble with the database.
	 */
	public static final LinePace PROCESS = new LinePace(System::nanoTime);

	private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

	private final LongSupplier clock;

	private final AtomicLong next;

	/**
	 * Create a pace at which a line may be written at once.
	 * @param clock in nanoseconds
	 */
	public LinePace(LongSupplier clock) {
		this.clock = clock;
		this.next = new AtomicLong(clock.getAsLong());
	}

	/**
	 * Ask whether to write a line now.
	 * @return {@code false} if one was written less than a second ago
	 */
	public boolean take() {
		long now = this.clock.getAsLong();
		long due = this.next.get();
		return now - due >= 0 && this.next.compareAndSet(due, now + INTERVAL);
	}

}
