package io.pgtask.actuate.metrics;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.pgtask.TaskCount;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The counts of tasks for the gauges: queried when they are read, but not more often than
 * allowed, and never by the thread that reads. That one waits for a moment, and goes on
 * with what is known if the database does not answer.
 */
final class TaskCounts implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(TaskCounts.class);

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

	/** Counts that could not be renewed for this long say nothing any more. */
	private static final Duration LONGEST_USE = Duration.ofMinutes(1);

	private final Supplier<List<TaskCount>> query;

	private final Duration interval;

	private final Consumer<TaskCountSnapshot> onChange;

	private final ThreadPoolExecutor executor = createExecutor();

	private boolean querying;

	private @Nullable Long lastQueryNanos;

	private volatile @Nullable TaskCountSnapshot latest;

	/**
	 * Create counts that are not queried yet.
	 * @param query the query
	 * @param interval how long to keep its result
	 * @param onChange told of every new result
	 */
	TaskCounts(Supplier<List<TaskCount>> query, Duration interval, Consumer<TaskCountSnapshot> onChange) {
		this.query = query;
		this.interval = interval;
		this.onChange = onChange;
	}

	/**
	 * Return the counts, queried anew if they are due.
	 * @return the counts, or {@code null} if they are not known
	 */
	@Nullable TaskCountSnapshot current() {
		CountDownLatch answered = queryIfDue();
		if (answered != null) {
			await(answered);
		}
		TaskCountSnapshot counts = this.latest;
		return (counts != null && counts.age().compareTo(this.interval.plus(LONGEST_USE)) < 0) ? counts : null;
	}

	/**
	 * Only the reader who caused the query waits for it: a scrape reads many gauges.
	 */
	private synchronized @Nullable CountDownLatch queryIfDue() {
		if (this.querying || this.executor.isShutdown() || !isDue()) {
			return null;
		}
		this.querying = true;
		this.lastQueryNanos = System.nanoTime();
		CountDownLatch answered = new CountDownLatch(1);
		this.executor.execute(() -> {
			try {
				query();
			}
			finally {
				queried();
				answered.countDown();
			}
		});
		return answered;
	}

	private boolean isDue() {
		return this.lastQueryNanos == null || System.nanoTime() - this.lastQueryNanos >= this.interval.toNanos();
	}

	private void query() {
		try {
			TaskCountSnapshot counts = TaskCountSnapshot.of(this.query.get());
			this.latest = counts;
			this.onChange.accept(counts);
		}
		catch (RuntimeException ex) {
			logger.debug("The tasks could not be counted", ex);
		}
	}

	private synchronized void queried() {
		this.querying = false;
	}

	private static void await(CountDownLatch answered) {
		try {
			answered.await(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
	}

	private static ThreadPoolExecutor createExecutor() {
		ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(work) -> {
					Thread thread = new Thread(work, "pg-task-counts");
					thread.setDaemon(true);
					return thread;
				});
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

}
