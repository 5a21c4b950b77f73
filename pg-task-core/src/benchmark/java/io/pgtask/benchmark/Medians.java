package io.pgtask.benchmark;

import java.util.stream.DoubleStream;

/**
 * The middle of several figures.
 */
final class Medians {

	private Medians() {
	}

	static double of(DoubleStream values) {
		double[] sorted = values.sorted().toArray();
		int middle = sorted.length / 2;
		return (sorted.length % 2 == 1) ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
	}

}
