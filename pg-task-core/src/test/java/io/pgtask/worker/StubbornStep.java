package io.pgtask.worker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a step does that goes on whatever happens to its thread.
 */
final class StubbornStep {

	private final CountDownLatch end = new CountDownLatch(1);

	private final CountDownLatch ended = new CountDownLatch(1);

	private final AtomicInteger interruptions = new AtomicInteger();

	/** Goes on until {@link #end()}. */
	void run() {
		boolean done = false;
		while (!done) {
			try {
				done = this.end.await(60, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				this.interruptions.incrementAndGet();
			}
		}
		this.ended.countDown();
	}

	void end() {
		this.end.countDown();
	}

	boolean hasEnded() {
		return this.ended.getCount() == 0;
	}

	int interruptions() {
		return this.interruptions.get();
	}

}
