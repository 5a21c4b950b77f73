package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Since when workers are missing, as far as whoever looks has seen. A worker that is
 * merely cut off has some time to come back.
 */
final class Absences {

	private static final Duration GRACE = Duration.ofSeconds(2);

	/** How many looks for whoever is missing fit into the time of grace. */
	private static final int LOOKS = 4;

	private final Map<Integer, Long> sinceNanos = new HashMap<>();

	/** Those that were there at the latest look, or have told since that they are. */
	private final Set<Integer> present = new HashSet<>();

	/**
	 * Take over what was seen.
	 * @param present the keys of the workers that are present
	 * @param holders the keys of workers that hold claims, if that was looked at
	 * @param seenNanos when it was
	 * @return the keys of the workers whose time is over; they are forgotten with this
	 */
	List<Integer> update(Set<Integer> present, Set<Integer> holders, long seenNanos) {
		Set<Integer> missing = new HashSet<>(this.present);
		missing.addAll(holders);
		missing.removeAll(present);
		missing.forEach((key) -> this.sinceNanos.putIfAbsent(key, seenNanos));
		this.sinceNanos.keySet().removeAll(present);
		this.present.clear();
		this.present.addAll(present);
		List<Integer> overdue = new ArrayList<>();
		this.sinceNanos.forEach((key, since) -> {
			if (seenNanos - since >= GRACE.toNanos()) {
				overdue.add(key);
			}
		});
		overdue.forEach(this.sinceNanos::remove);
		return overdue;
	}

	/**
	 * Somebody has just told that it is there. Should it be gone before the next look, it
	 * is missing as well.
	 */
	void heardOf(int key) {
		this.present.add(key);
	}

	/** Nobody has looked for a while: who is missing may have been back meanwhile. */
	void forget() {
		this.sinceNanos.clear();
		this.present.clear();
	}

	/**
	 * Return how long there is no need to look. Whoever is missing is looked for again
	 * before its time is over: a worker whose sessions are cut again and again may be
	 * back in between.
	 * @param longest the longest answer
	 * @return the time
	 */
	Duration untilNextLook(Duration longest) {
		long now = System.nanoTime();
		long nanos = (this.sinceNanos.isEmpty() ? longest : GRACE.dividedBy(LOOKS)).toNanos();
		for (long since : this.sinceNanos.values()) {
			nanos = Math.min(nanos, Math.max(0, since + GRACE.toNanos() - now));
		}
		return Duration.ofNanos(nanos);
	}

}
