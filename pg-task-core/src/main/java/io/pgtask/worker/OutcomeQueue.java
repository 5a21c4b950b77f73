package io.pgtask.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * The outcomes on their way to the {@link TransitionWriter}: what arrives while a batch
 * is being written goes into the next one.
 */
final class OutcomeQueue {

	/** Without the failures that have waited for others. */
	private static final int LARGEST_BATCH = 500;

	/**
	 * So many are worth a transaction of their own while another one is being written.
	 */
	private static final int SURPLUS = 300;

	private final LinkedBlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

	private final GatheredFailures failures = new GatheredFailures(System::nanoTime);

	private final int limit;

	private final Runnable onRoom;

	private volatile @Nullable Runnable onSurplus;

	/** Not with every outcome: to be told costs a lock and a wake-up. */
	private volatile boolean surplusTold;

	/** Those in the queue and those being written. */
	private final AtomicInteger unsettled = new AtomicInteger();

	/**
	 * Create a queue.
	 * @param limit how many outcomes may be on their way before the worker should not
	 * take on more; nothing is ever refused
	 * @param onRoom called when the number falls to the limit again
	 */
	OutcomeQueue(int limit, Runnable onRoom) {
		this.limit = limit;
		this.onRoom = onRoom;
	}

	void add(Outcome outcome) {
		this.unsettled.incrementAndGet();
		this.outcomes.add(outcome);
		Runnable onSurplus = this.onSurplus;
		if (onSurplus != null && !this.surplusTold && hasSurplus()) {
			this.surplusTold = true;
			onSurplus.run();
		}
	}

	/** Call someone when there is a {@linkplain #hasSurplus() surplus}. */
	void onSurplus(Runnable onSurplus) {
		this.onSurplus = onSurplus;
	}

	/**
	 * Return whether more has piled up than whoever is writing may be able to save.
	 * @return whether another one should help
	 */
	boolean hasSurplus() {
		return this.outcomes.size() >= SURPLUS;
	}

	/**
	 * Take a batch of what is there.
	 * @param longestMillis how long to wait for the first
	 * @return the outcomes, possibly none
	 * @throws InterruptedException if the thread is interrupted
	 */
	List<Outcome> take(long longestMillis) throws InterruptedException {
		List<Outcome> batch = new ArrayList<>();
		long longestNanos = this.failures.remainingNanos(TimeUnit.MILLISECONDS.toNanos(longestMillis));
		@Nullable Outcome first = this.outcomes.poll(longestNanos, TimeUnit.NANOSECONDS);
		if (first != null) {
			batch.add(first);
			this.outcomes.drainTo(batch, LARGEST_BATCH - 1);
			this.surplusTold = false;
		}
		this.failures.sift(batch);
		return batch;
	}

	/** An outcome was written or given up. */
	void settled(int count) {
		int before = this.unsettled.getAndAdd(-count);
		if (before > this.limit && before - count <= this.limit) {
			this.onRoom.run();
		}
	}

	boolean isFull() {
		return this.unsettled.get() > this.limit;
	}

	int unsettled() {
		return this.unsettled.get();
	}

}
