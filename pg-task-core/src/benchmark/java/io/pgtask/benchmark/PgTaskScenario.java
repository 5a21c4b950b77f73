package io.pgtask.benchmark;

import io.pgtask.benchmark.contender.Contenders;

/**
 * Something that is measured of this library alone, because the others have nothing to
 * set against it.
 */
interface PgTaskScenario extends Scenario {

	/** It compares what it measures with itself, so that few rounds will do. */
	int MOST_RUNS = 3;

	@Override
	default boolean admits(Contenders contender) {
		return contender == Contenders.PG_TASK;
	}

	@Override
	default int processes() {
		return 1;
	}

	@Override
	default int runs(int asked) {
		return Math.min(asked, MOST_RUNS);
	}

}
