package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * The threads of a worker.
 */
final class WorkerThreads {

	private static final long IDLE_SECONDS = 30;

	private static final Duration LAST_WORDS = Duration.ofMillis(500);

	private WorkerThreads() {
	}

	/**
	 * Start a thread that ends with the application.
	 */
	static void start(String name, Runnable work) {
		daemon(name, work).start();
	}

	/**
	 * Create a thread that ends with the application.
	 */
	static Thread daemon(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(true);
		return thread;
	}

	/** Threads for steps; they end when there has been nothing to do for a while. */
	static ThreadPoolExecutor slots(int concurrency) {
		AtomicInteger number = new AtomicInteger();
		ThreadPoolExecutor executor = new ThreadPoolExecutor(concurrency, concurrency, IDLE_SECONDS, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), (slot) -> daemon("pg-task-step-" + number.incrementAndGet(), slot));
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	/** Change the number of threads for steps, if they are ours. */
	static void resize(@Nullable ThreadPoolExecutor executor, int threads) {
		if (executor == null) {
			return;
		}
		if (threads > executor.getMaximumPoolSize()) {
			executor.setMaximumPoolSize(threads);
			executor.setCorePoolSize(threads);
		}
		else {
			executor.setCorePoolSize(threads);
			executor.setMaximumPoolSize(threads);
		}
	}

	/**
	 * Wait for a thread to end.
	 * @param deadline until when, on the scale of {@link System#nanoTime()}
	 * @return whether it has ended
	 */
	static boolean joinUntil(long deadline, Thread thread) {
		try {
			// Joining for no time at all would be joining for ever.
			thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return !thread.isAlive();
	}

	/** Wait for a while until a future is complete. */
	static void await(CompletableFuture<?> future, Duration longest) {
		try {
			future.get(longest.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			// Whoever waits goes on without it.
		}
	}

	/** End a thread whose work does not matter any more. */
	static void end(Thread thread) {
		end(List.of(thread));
	}

	/** End threads whose work does not matter any more. */
	static void end(List<Thread> threads) {
		long deadline = System.nanoTime() + LAST_WORDS.toNanos();
		for (Thread thread : threads) {
			if (!joinUntil(deadline, thread)) {
				thread.interrupt();
			}
		}
	}

}
