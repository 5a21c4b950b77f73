package io.pgtask.worker;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one thread sleep until its time is over or someone rings. A ring that comes before
 * the sleep is not lost: it ends the next sleep at once.
 */
final class Alarm {

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition rung = this.lock.newCondition();

	private boolean ringing;

	void ring() {
		this.lock.lock();
		try {
			this.ringing = true;
			this.rung.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Sleep.
	 * @param longest how long at most
	 * @return whether someone rang
	 * @throws InterruptedException if the thread is interrupted
	 */
	boolean sleep(Duration longest) throws InterruptedException {
		long nanos = TimeUnit.NANOSECONDS.convert(longest);
		this.lock.lock();
		try {
			while (!this.ringing && nanos > 0) {
				nanos = this.rung.awaitNanos(nanos);
			}
			boolean rang = this.ringing;
			this.ringing = false;
			return rang;
		}
		finally {
			this.lock.unlock();
		}
	}

}
