package io.pgtask.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.pgtask.benchmark.contender.Engine;
import io.pgtask.benchmark.contender.WallClock;

/**
 * Enqueues tasks.
 */
final class LoadGenerator {

	private final Engine engine;

	LoadGenerator(Engine engine) {
		this.engine = engine;
	}

	/**
	 * Enqueue as fast as so many threads can.
	 */
	void enqueue(int tasks, int threads) throws Exception {
		AtomicInteger next = new AtomicInteger();
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				futures.add(executor.submit(() -> enqueueFrom(next, tasks)));
			}
			for (Future<?> future : futures) {
				future.get();
			}
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A thread could not enqueue", ex.getCause());
		}
		finally {
			executor.shutdown();
		}
	}

	private Void enqueueFrom(AtomicInteger next, int tasks) throws Exception {
		try (Engine.Enqueuer enqueuer = this.engine.enqueuer()) {
			for (int number = next.getAndIncrement(); number < tasks; number = next.getAndIncrement()) {
				enqueuer.enqueue(number);
			}
		}
		return null;
	}

	/**
	 * Enqueue at a pace that does not depend on how the tasks are doing: what comes late
	 * is made up for, and its delay counts.
	 */
	Departures enqueueAtPace(int tasks, Departures.Pace pace) throws Exception {
		Departures departures = new Departures(tasks);
		Random random = new Random(tasks);
		try (Engine.Enqueuer enqueuer = this.engine.enqueuer()) {
			long scheduled = WallClock.nanos();
			for (int first = 0; first < tasks; first += pace.group()) {
				int group = Math.min(pace.group(), tasks - first);
				scheduled += (group > 1) ? pace.intervalNanos()
						: (long) (pace.intervalNanos() * (0.5 + random.nextDouble()));
				sleepUntil(scheduled);
				long called = WallClock.nanos();
				if (pace.group() > 1) {
					this.engine.enqueueTogether(first, group);
				}
				else {
					enqueuer.enqueue(first);
				}
				departures.add(first, group, scheduled, called, WallClock.nanos());
			}
		}
		return departures;
	}

	private static void sleepUntil(long time) {
		for (long left = time - WallClock.nanos(); left > 0; left = time - WallClock.nanos()) {
			LockSupport.parkNanos(left);
		}
	}

}
