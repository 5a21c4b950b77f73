package io.pgtask.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How long tasks waited for their start, in milliseconds.
 */
record Latency(double p50, double p95, double p99, double max) {

	private static final double NANOS_PER_MILLI = 1_000_000.0;

	/**
	 * Sum up a run.
	 * @param from when the waiting began, by number of the task
	 * @param until when each task started
	 */
	static Latency between(long[] from, long[] until) {
		long[] waits = new long[from.length];
		for (int i = 0; i < waits.length; i++) {
			// A task may start before its client has been told that the commit is done.
			waits[i] = Math.max(0, until[i] - from[i]);
		}
		Arrays.sort(waits);
		return new Latency(percentile(waits, 0.5), percentile(waits, 0.95), percentile(waits, 0.99),
				percentile(waits, 1));
	}

	private static double percentile(long[] sorted, double share) {
		int rank = (int) Math.ceil(share * sorted.length);
		return sorted[Math.max(rank, 1) - 1] / NANOS_PER_MILLI;
	}

	/**
	 * Sum up several runs: the medians, but the largest maximum.
	 */
	static Latency median(List<Latency> runs) {
		return new Latency(median(runs, Latency::p50), median(runs, Latency::p95), median(runs, Latency::p99),
				runs.stream().mapToDouble(Latency::max).max().orElseThrow());
	}

	private static double median(List<Latency> runs, ToDoubleFunction<Latency> value) {
		return Medians.of(runs.stream().mapToDouble(value));
	}

}
