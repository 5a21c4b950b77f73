package io.pgtask.benchmark;

import io.pgtask.benchmark.contender.Contenders;

/**
 * Something to measure.
 */
interface Scenario {

	/** Return its name, by which it is chosen. */
	String name();

	/** Return what it measures, in one line. */
	String description();

	/** Return whether a contender can take part in a way that means something. */
	boolean admits(Contenders contender);

	/** Return how many processes a contestant needs. */
	int processes();

	/** Return how many rounds come before those that count. */
	default int warmUps() {
		return 1;
	}

	/**
	 * Return how often to measure.
	 * @param asked how often most scenarios are
	 */
	default int runs(int asked) {
		return asked;
	}

	/**
	 * Measure once.
	 * @param contestant whom to measure
	 * @param options how much there is to do
	 */
	Measurement run(Contestant contestant, Options options) throws Exception;

}
