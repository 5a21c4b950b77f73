package io.pgtask.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How one measure of a process, or of the database, has changed over a run.
 *
 * @param first the median of the first third of the time, in which everything warms up
 */
record Growth(String process, String measure, long first, long second, long third) {

	private static final long TEN_MINUTES = 600_000_000;

	private static final double TOLERATED = 1.25;

	private static final long SOME_PAGES = 32 * 8192;

	private static final long ONE_POOL = 15;

	/** So much more is none, whatever the ratio: some pages, and one process more. */
	private static final Map<String, Long> NOTHING = Map.of("threads", 0L, "connections", ONE_POOL);

	/** Everything that was measured for ten minutes at least. */
	static List<Growth> in(History history) {
		Map<String, List<Event>> footprints = history.only(Event.Kind.FOOTPRINT)
			.stream()
			.collect(Collectors.groupingBy(Event::process, TreeMap::new, Collectors.toList()));
		return footprints.values()
			.stream()
			.filter((events) -> events.get(events.size() - 1).at() - events.get(0).at() >= TEN_MINUTES)
			.flatMap((events) -> of(events).stream())
			.toList();
	}

	private static List<Growth> of(List<Event> events) {
		List<Growth> growths = new ArrayList<>();
		long start = events.get(0).at();
		long third = (events.get(events.size() - 1).at() - start) / 3;
		for (String measure : Footprints.read(events.get(0)).keySet()) {
			growths.add(new Growth(events.get(0).process(), measure, median(events, measure, start, start + third),
					median(events, measure, start + third, start + 2 * third),
					median(events, measure, start + 2 * third, Long.MAX_VALUE)));
		}
		return growths;
	}

	private static long median(List<Event> events, String measure, long from, long to) {
		long[] sorted = events.stream()
			.filter((event) -> event.at() >= from && event.at() < to)
			.mapToLong((event) -> Footprints.read(event).get(measure))
			.sorted()
			.toArray();
		return (sorted.length > 0) ? sorted[sorted.length / 2] : 0;
	}

	/** More than how much anything wavers. */
	boolean isTooMuch() {
		return this.third > TOLERATED * this.second + NOTHING.getOrDefault(this.measure, SOME_PAGES);
	}

	static String table(List<Growth> growths) {
		return growths.isEmpty() ? ""
				: "\n\n| Of | Measure | First third | Second third | Last third |\n|---|---|---|---|---|\n" + growths
					.stream()
					.map((growth) -> String.format(Locale.ROOT, "| %s | %s | %,d | %,d | %,d |", growth.process(),
							growth.measure(), growth.first(), growth.second(), growth.third()))
					.collect(Collectors.joining("\n"));
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%s grew from %,d to %,d", this.measure, this.second, this.third);
	}

}
