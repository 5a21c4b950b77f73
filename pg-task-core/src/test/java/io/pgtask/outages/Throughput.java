package io.pgtask.outages;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import org.jspecify.annotations.Nullable;

/**
 * How many steps start in a second, looked at four times a second.
 */
final class Throughput {

	private static final int LOOKS = 4;

	private final IntSupplier steps;

	/** What had started at the latest looks, those of a second and one more. */
	private final Deque<Look> looks = new ArrayDeque<>();

	Throughput(IntSupplier steps) {
		this.steps = steps;
	}

	/** Returns the rate over some seconds from now. */
	double measure(Duration time) throws InterruptedException {
		Look start = look();
		TimeUnit.NANOSECONDS.sleep(time.toNanos());
		return start.rateUntil(look());
	}

	/**
	 * Waits until a rate is reached over one second, and returns how long that took.
	 */
	@Nullable Duration awaitRate(double rate, Duration most) throws InterruptedException {
		long start = System.nanoTime();
		this.looks.clear();
		while (System.nanoTime() - start < most.toNanos()) {
			this.looks.add(look());
			if (this.looks.size() > LOOKS) {
				if (this.looks.remove().rateUntil(this.looks.getLast()) >= rate) {
					return Duration.ofNanos(System.nanoTime() - start);
				}
			}
			TimeUnit.MILLISECONDS.sleep(1000 / LOOKS);
		}
		return null;
	}

	private Look look() {
		return new Look(System.nanoTime(), this.steps.getAsInt());
	}

	/** How many steps had started at some time. */
	private record Look(long nanos, int steps) {

		private double rateUntil(Look later) {
			return (later.steps - this.steps) * 1e9 / (later.nanos - this.nanos);
		}

	}

}
