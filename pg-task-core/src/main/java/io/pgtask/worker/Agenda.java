package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.DueHead;
import io.pgtask.store.Probe;

/**
 * Where work is believed to be: the task types and priorities that had due tasks when
 * they were last looked at, and how a claim is shared among them.
 */
final class Agenda {

	/**
	 * How old a due time must be before a claim passes it by for good. Tasks that become
	 * visible later than that, because their transaction took longer, are found by the
	 * next survey.
	 */
	private static final Duration FLOOR_LAG = Duration.ofSeconds(1);

	/**
	 * The less urgent tasks get one place in this many, so that they do not starve.
	 */
	private static final int SHARE_OF_OTHERS = 8;

	/** The due ranges, the most urgent priority first. */
	private final TreeMap<Integer, List<Range>> ranges = new TreeMap<>(Comparator.reverseOrder());

	private Duration untilNextDue = Duration.ZERO;

	private boolean malformed;

	private long turn;

	/** When each range was last given a place: who has waited longest is next. */
	private final Map<RangeName, Long> lastTurns = new HashMap<>();

	/**
	 * Take over what a survey found.
	 * @param heads the first task of every range
	 * @param none how long to wait if there is nothing in sight
	 */
	synchronized void survey(List<DueHead> heads, Duration none) {
		Set<RangeName> deep = deep();
		this.ranges.clear();
		this.malformed = false;
		this.untilNextDue = none;
		for (DueHead head : heads) {
			if (!head.isDue()) {
				this.untilNextDue = shorter(this.untilNextDue, head.dueIn());
			}
			else if (head.taskType() == null) {
				this.malformed = true;
			}
			else {
				RangeName name = new RangeName(head.taskType(), head.priority());
				add(new Range(head.taskType(), head.priority(), floor(head.due(), head.now()), deep.contains(name)));
			}
		}
	}

	/** A survey does not see how much there is. */
	private Set<RangeName> deep() {
		return this.ranges.values()
			.stream()
			.flatMap(List::stream)
			.filter(Range::deep)
			.map(Range::name)
			.collect(Collectors.toSet());
	}

	private void add(Range range) {
		this.ranges.computeIfAbsent(range.priority(), (priority) -> new ArrayList<>()).add(range);
	}

	synchronized boolean isEmpty() {
		return this.ranges.isEmpty();
	}

	/**
	 * Return whether there is so much to do that the last claim of a range did not see
	 * its end.
	 * @return whether claims may be made side by side
	 */
	synchronized boolean isDeep() {
		return this.ranges.values().stream().flatMap(List::stream).anyMatch(Range::deep);
	}

	/**
	 * Return whether rows that name no task type are due.
	 * @return whether there are some to park
	 */
	synchronized boolean hasMalformed() {
		return this.malformed;
	}

	synchronized Duration untilNextDue() {
		return this.untilNextDue;
	}

	/**
	 * Share a claim: most of it to the most urgent priority, in equal parts to its task
	 * types, and a small part to the less urgent ones, in their turn.
	 * @param demand how many tasks to claim
	 * @return where to look, possibly nowhere
	 */
	synchronized List<Probe> probes(int demand) {
		List<Probe> probes = new ArrayList<>();
		if (this.ranges.isEmpty()) {
			return probes;
		}
		this.turn++;
		List<Range> others = lessUrgent();
		int forOthers = others.isEmpty() ? 0 : shareOfOthers(demand);
		share(this.ranges.firstEntry().getValue(), demand - forOthers, probes);
		share(others, forOthers, probes);
		return probes;
	}

	private List<Range> lessUrgent() {
		return this.ranges.tailMap(this.ranges.firstKey(), false).values().stream().flatMap(List::stream).toList();
	}

	private int shareOfOthers(int demand) {
		int share = demand / SHARE_OF_OTHERS;
		boolean theirTurn = this.turn % SHARE_OF_OTHERS == 0;
		return (share == 0 && theirTurn) ? 1 : share;
	}

	/** When there are fewer places than ranges, every range gets one in its turn. */
	private void share(List<Range> among, int places, List<Probe> probes) {
		if (places == 0) {
			return;
		}
		int each = places / among.size();
		int left = places % among.size();
		List<Range> inTurn = new ArrayList<>(among);
		inTurn.sort(Comparator.comparing((range) -> this.lastTurns.getOrDefault(range.name(), 0L)));
		for (int i = 0; i < inTurn.size(); i++) {
			int limit = each + ((i < left) ? 1 : 0);
			if (limit > 0) {
				Range range = inTurn.get(i);
				probes.add(new Probe(range.taskType(), range.priority(), limit, range.floor()));
				this.lastTurns.put(range.name(), this.turn);
			}
		}
	}

	/**
	 * Take over what a claim found: a range that gave less than it was asked for is empty
	 * as far as its floor can tell, and one that gave all goes on from where it was.
	 * @param probes where the claim looked
	 * @param tasks what it took
	 * @param now when it looked, by the database's clock
	 */
	synchronized void claimed(List<Probe> probes, List<ClaimedTask> tasks, Instant now) {
		Map<RangeName, Found> found = new HashMap<>();
		for (ClaimedTask task : tasks) {
			found.computeIfAbsent(new RangeName(task.taskType(), task.priority()), (name) -> new Found())
				.add(task.wakeupAt());
		}
		for (Probe probe : probes) {
			Found part = found.getOrDefault(new RangeName(probe.taskType(), probe.priority()), new Found());
			remove(probe);
			if (part.count >= probe.limit()) {
				add(new Range(probe.taskType(), probe.priority(), floor(part.newest, now), true));
			}
		}
	}

	/**
	 * At the newest task taken, or the first one seen: the index entries below are dead,
	 * and every claim that begins before them walks over them.
	 */
	private static Instant floor(Instant newestTakenOrFirstSeen, Instant now) {
		Instant settled = now.minus(FLOOR_LAG);
		return newestTakenOrFirstSeen.isBefore(settled) ? newestTakenOrFirstSeen : settled;
	}

	private void remove(Probe probe) {
		List<Range> list = this.ranges.get(probe.priority());
		if (list == null) {
			return;
		}
		list.removeIf((range) -> range.taskType().equals(probe.taskType()));
		if (list.isEmpty()) {
			this.ranges.remove(probe.priority());
		}
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	/**
	 * A part of the claim index.
	 *
	 * @param floor the due time below which the next claim need not look
	 * @param deep whether the last claim found all it asked for
	 */
	private record Range(String taskType, int priority, Instant floor, boolean deep) {

		RangeName name() {
			return new RangeName(this.taskType, this.priority);
		}

	}

	private record RangeName(String taskType, int priority) {

	}

	/** What a claim took from a range. */
	private static final class Found {

		private int count;

		private Instant newest = Instant.MIN;

		void add(Instant wakeupAt) {
			this.count++;
			if (wakeupAt.isAfter(this.newest)) {
				this.newest = wakeupAt;
			}
		}

	}

}
