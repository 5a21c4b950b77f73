package io.pgtask.worker;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs executions, as many at once as there are slots; the others wait for their turn. A
 * slot occupies a thread of the executor only while there is something to run, and takes
 * one execution after the other without a hand-over in between.
 */
final class Slots {

	private static final Logger logger = LoggerFactory.getLogger(Slots.class);

	private final int concurrency;

	private final Executor executor;

	private final Pace pace;

	private final Consumer<Execution> runner;

	private final BooleanSupplier open;

	private final Runnable onDemand;

	private final IntConsumer onThreads;

	private final WaitingLine waiting = new WaitingLine();

	/** Executions whose slot was given to others while they still run. */
	private final Set<Execution> replaced = new HashSet<>();

	/** Executions that hold a slot without counting any more: too many others do so. */
	private final Set<Execution> stuck = new HashSet<>();

	private int active;

	/** How many executions claims under way may still bring. */
	private int expected;

	/** Whether the demand was told since someone last asked for it. */
	private boolean told;

	private volatile boolean refused;

	private volatile long lastTakenNanos = System.nanoTime();

	/**
	 * Create slots.
	 * @param concurrency how many there are
	 * @param executor has a thread for each of them
	 * @param pace how fast they are
	 * @param runner runs an execution, and never throws
	 * @param open whether any may be started; then they are {@link #startMissing() told}
	 * @param onDemand called when the slots can take more work
	 * @param onThreads told how many threads they need when that changes
	 */
	Slots(int concurrency, Executor executor, Pace pace, Consumer<Execution> runner, BooleanSupplier open,
			Runnable onDemand, IntConsumer onThreads) {
		this.concurrency = concurrency;
		this.executor = executor;
		this.pace = pace;
		this.runner = runner;
		this.open = open;
		this.onDemand = onDemand;
		this.onThreads = onThreads;
	}

	void add(Collection<Execution> executions) {
		int wanted;
		synchronized (this.waiting) {
			this.waiting.addAll(executions);
			wanted = this.open.getAsBoolean() ? Math.min(this.waiting.size(), this.concurrency - this.active) : 0;
			this.active += wanted;
		}
		for (int i = 0; i < wanted; i++) {
			start();
		}
	}

	/** Return whether there are free slots, when so many come from elsewhere. */
	boolean hasFree(int onTheirWay) {
		synchronized (this.waiting) {
			return this.waiting.isEmpty() && this.active + this.expected + onTheirWay < this.concurrency;
		}
	}

	/**
	 * Run an execution now.
	 * @return whether there was a slot for it
	 */
	boolean addToFree(Execution execution) {
		synchronized (this.waiting) {
			if (!hasFree(0)) {
				return false;
			}
			this.waiting.addAll(List.of(execution));
			this.active++;
		}
		start();
		return true;
	}

	/** Start the slots for which the executor had no thread, or which had to wait. */
	void startMissing() {
		add(List.of());
	}

	private void start() {
		try {
			this.executor.execute(this::work);
			this.refused = false;
		}
		// The error is that of an operating system which has no thread left.
		catch (RuntimeException | OutOfMemoryError ex) {
			if (!this.refused) {
				logger.warn("The executor has no thread for a slot, and is asked again: {}", ex.toString());
			}
			this.refused = true;
			synchronized (this.waiting) {
				this.active--;
				this.waiting.notifyAll();
			}
		}
	}

	/**
	 * Return how many tasks to claim: none while enough of them wait, so that claims are
	 * batches and not single rows, and never so many that the next claim would have to
	 * wait until this one is worked off.
	 * @return the number of tasks
	 */
	int demand() {
		synchronized (this.waiting) {
			this.told = false;
			return currentDemand();
		}
	}

	private int currentDemand() {
		int target = this.concurrency + this.pace.ahead();
		int missing = target - this.active - this.waiting.size() - this.expected;
		boolean idle = this.active < this.concurrency && this.waiting.isEmpty() && this.expected == 0;
		int most = Math.max(this.concurrency, target / 2);
		return (idle || 4 * missing >= target) ? Math.max(0, Math.min(missing, most)) : 0;
	}

	/**
	 * Keep places for a claim that is about to be made.
	 * @return how many tasks to claim; to be given to {@link #arrived(int)} when what was
	 * claimed has been added
	 */
	int reserve() {
		synchronized (this.waiting) {
			this.told = false;
			int places = currentDemand();
			this.expected += places;
			return places;
		}
	}

	/** Not with every execution that is taken: to be told costs a lock and a wake-up. */
	private boolean isToBeTold() {
		boolean news = !this.told && currentDemand() > 0;
		this.told |= news;
		return news;
	}

	/** A claim is over, and its places are taken or free again. */
	void arrived(int places) {
		boolean demand;
		synchronized (this.waiting) {
			this.expected -= places;
			demand = isToBeTold();
		}
		if (demand) {
			this.onDemand.run();
		}
	}

	/**
	 * Wait until nothing runs.
	 * @param longest how long to wait at most
	 * @return whether nothing runs
	 */
	boolean awaitIdle(Duration longest) {
		long end = System.nanoTime() + longest.toNanos();
		synchronized (this.waiting) {
			while (this.active > 0) {
				long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
				if (millis <= 0) {
					return false;
				}
				try {
					this.waiting.wait(millis);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					return false;
				}
			}
			return true;
		}
	}

	/** Return how long ago a slot last took an execution. */
	Duration sinceLastTaken() {
		return Duration.ofNanos(System.nanoTime() - this.lastTakenNanos);
	}

	/**
	 * Go on without an execution that ignores the end of its time, and give its slot to
	 * another thread. As many slots can be replaced as there are; beyond that the
	 * execution keeps its slot until it ends.
	 * @param grace how long it may go on after the end of its time
	 * @return the thread that still runs it, or {@code null} if there is no reason to
	 */
	@Nullable Thread abandon(Execution execution, Duration grace) {
		Thread thread;
		synchronized (this.waiting) {
			thread = execution.abandon(grace);
			if (thread != null && this.replaced.size() < this.concurrency) {
				this.replaced.add(execution);
				this.active--;
				this.onThreads.accept(this.concurrency + this.replaced.size());
			}
			else if (thread != null) {
				this.stuck.add(execution);
			}
		}
		if (thread != null) {
			startMissing();
			this.onDemand.run();
		}
		return thread;
	}

	/** Whether the slot of an execution that has ended at last belongs to another. */
	private boolean isReplaced(Execution execution) {
		if (!execution.isAbandoned()) {
			return false;
		}
		synchronized (this.waiting) {
			if (this.stuck.remove(execution) || !this.replaced.remove(execution)) {
				return false;
			}
			Iterator<Execution> others = this.stuck.iterator();
			if (others.hasNext()) {
				// Its thread takes the slot of one that had to keep it.
				this.replaced.add(others.next());
				others.remove();
				return false;
			}
			this.onThreads.accept(this.concurrency + this.replaced.size());
			return true;
		}
	}

	private void work() {
		Execution next = next();
		while (next != null) {
			this.runner.accept(next);
			next = isReplaced(next) ? null : next();
		}
	}

	private @Nullable Execution next() {
		Execution next;
		boolean demand;
		synchronized (this.waiting) {
			next = this.open.getAsBoolean() ? this.waiting.poll() : null;
			if (next == null) {
				this.active--;
				this.waiting.notifyAll();
			}
			demand = isToBeTold();
		}
		this.lastTakenNanos = System.nanoTime();
		if (demand) {
			this.onDemand.run();
		}
		return next;
	}

}
