package io.pgtask.outages;

import java.time.Duration;
import java.util.concurrent.Callable;

import static org.awaitility.Awaitility.await;

/**
 * Prints how long something took, for the documentation.
 */
final class Figures {

	private Figures() {
	}

	/** Waits for a condition, for as long as is promised at most. */
	static void time(String what, Duration promised, Callable<Boolean> condition) {
		long start = System.nanoTime();
		await(what).pollInterval(Duration.ofMillis(10)).ignoreExceptions().atMost(promised).until(condition);
		System.out.printf("outages: %s: %d ms%n", what, (System.nanoTime() - start) / 1_000_000);
	}

}
