package io.pgtask.faults;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a run is summed up in.
 *
 * @param steps how many runs of steps there were
 * @param twice how many of them were of a step that ran before without an outcome
 * @param refused how many writes came without a lease
 * @param recovered after how long, at worst, a task of a process that was killed had
 * another one
 * @param calm after how long, at worst, as many tasks ended in a second as before the
 * fault
 */
record Figures(Scenario scenario, long seed, int tasks, int steps, int twice, int refused, int faults, String recovered,
		String calm, int violations) {

	static final String HEADER = """
			| Scenario | Seed | Faults | Tasks | Steps | Run twice | Refused writes | Taken over, s | Throughput back, s | Broken |
			|---|---|---|---|---|---|---|---|---|---|
			""";

	private static final long SECOND = 1_000_000;

	static Figures of(Scenario scenario, long seed, History history, int violations) {
		int twice = history.stories().stream().mapToInt((story) -> story.repetitions().size()).sum();
		return new Figures(scenario, seed, history.count(Event.Kind.ENQUEUED), history.count(Event.Kind.START), twice,
				history.count(Event.Kind.REFUSED), history.count(Event.Kind.FAULT), recovered(history), calm(history),
				violations);
	}

	/** From the death of a process to the next claim of a task that it had started. */
	private static String recovered(History history) {
		List<Event> kills = history.only(Event.Kind.FAULT)
			.stream()
			.filter((fault) -> !fault.detail().equals(Event.PAUSE))
			.toList();
		return worst(history.stories()
			.stream()
			.flatMap((story) -> story.repetitions().stream())
			.mapToLong((repetition) -> kills.stream()
				.filter((kill) -> kill.process().equals(repetition.first().process()))
				.mapToLong((kill) -> repetition.again().at() - kill.at())
				.max()
				.orElse(-1))
			.toArray());
	}

	private static String calm(History history) {
		long[] ends = history.only(Event.Kind.FINISH).stream().mapToLong(Event::at).toArray();
		return worst(history.only(Event.Kind.FAULT).stream().mapToLong((fault) -> calmAfter(fault, ends)).toArray());
	}

	private static long calmAfter(Event fault, long[] ends) {
		double usual = 0.95 * count(ends, fault.sent() - 2 * SECOND, fault.sent()) / 2;
		long over = Math.max(fault.at(), fault.lease());
		for (long begin = over; begin < over + 60 * SECOND; begin += SECOND / 10) {
			if (count(ends, begin, begin + SECOND) >= usual) {
				return begin - over;
			}
		}
		return -1;
	}

	private static long count(long[] ends, long from, long to) {
		return position(ends, to) - position(ends, from);
	}

	private static long position(long[] ends, long at) {
		int found = Arrays.binarySearch(ends, at);
		return (found < 0) ? -found - 1 : found;
	}

	private static String worst(long[] micros) {
		return (micros.length == 0) ? ""
				: String.format(Locale.ROOT, "%.1f", Arrays.stream(micros).max().orElse(0) / (double) SECOND);
	}

	@Override
	public String toString() {
		return "| "
				+ String.join(" | ", this.scenario.label(), Long.toString(this.seed), Integer.toString(this.faults),
						Integer.toString(this.tasks), Integer.toString(this.steps), Integer.toString(this.twice),
						Integer.toString(this.refused), this.recovered, this.calm, Integer.toString(this.violations))
				+ " |";
	}

}
