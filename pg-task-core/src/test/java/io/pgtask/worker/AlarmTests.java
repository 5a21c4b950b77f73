package io.pgtask.worker;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Alarm}.
 */
class AlarmTests {

	private static final Duration LONG = Duration.ofMinutes(10);

	private final Alarm alarm = new Alarm();

	@Test
	void aSleepEndsWhenItsTimeIsOver() throws InterruptedException {
		long start = System.nanoTime();
		assertThat(this.alarm.sleep(Duration.ofMillis(20))).isFalse();
		assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
	}

	@Test
	void aRingEndsTheSleep() throws Exception {
		CompletableFuture<Thread> sleeper = new CompletableFuture<>();
		CompletableFuture<Boolean> rang = CompletableFuture.supplyAsync(() -> {
			sleeper.complete(Thread.currentThread());
			try {
				return this.alarm.sleep(LONG);
			}
			catch (InterruptedException ex) {
				return false;
			}
		});
		sleeper.get(10, TimeUnit.SECONDS);
		this.alarm.ring();
		assertThat(rang.get(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aRingBeforeTheSleepIsNotLost() throws InterruptedException {
		this.alarm.ring();
		assertThat(this.alarm.sleep(LONG)).isTrue();
	}

	@Test
	void manyRingsEndOneSleep() throws InterruptedException {
		this.alarm.ring();
		this.alarm.ring();
		assertThat(this.alarm.sleep(LONG)).isTrue();
		assertThat(this.alarm.sleep(Duration.ZERO)).isFalse();
	}

}
