package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.DueHead;
import io.pgtask.store.Probe;

/**
 * Where work is believed to be: the task types and priorities that had due tasks when
 * they were last looked at, and how a claim is shared among them.
 */
final class Agenda {

	/**
	 * How far below the oldest task seen the next claim looks. Tasks that become visible
	 * later than that, because their transaction took longer, are found by the next
	 * survey.
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
	private final Map<String, Long> lastTurns = new HashMap<>();

	/**
	 * Take over what a survey found.
	 * @param heads the first task of every range
	 * @param none how long to wait if there is nothing in sight
	 */
	void survey(List<DueHead> heads, Duration none) {
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
				// A survey looks below every floor, and so does the first claim after it.
				add(new Range(head.taskType(), head.priority(), Instant.MIN));
			}
		}
	}

	private void add(Range range) {
		this.ranges.computeIfAbsent(range.priority(), (priority) -> new ArrayList<>()).add(range);
	}

	boolean isEmpty() {
		return this.ranges.isEmpty();
	}

	/**
	 * Return whether rows that name no task type are due.
	 * @return whether there are some to park
	 */
	boolean hasMalformed() {
		return this.malformed;
	}

	Duration untilNextDue() {
		return this.untilNextDue;
	}

	/**
	 * Share a claim: most of it to the most urgent priority, in equal parts to its task
	 * types, and a small part to the less urgent ones, in their turn.
	 * @param demand how many tasks to claim
	 * @return where to look
	 */
	List<Probe> probes(int demand) {
		this.turn++;
		List<Probe> probes = new ArrayList<>();
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
	 */
	void claimed(List<Probe> probes, List<ClaimedTask> tasks) {
		Map<String, Found> found = new HashMap<>();
		for (ClaimedTask task : tasks) {
			found.merge(Range.name(task.taskType(), task.priority()), new Found(1, task.wakeupAt()), Found::plus);
		}
		for (Probe probe : probes) {
			Found part = found.getOrDefault(Range.name(probe.taskType(), probe.priority()), Found.NOTHING);
			remove(probe);
			if (part.count() >= probe.limit()) {
				add(new Range(probe.taskType(), probe.priority(), floorBelow(part.oldest())));
			}
		}
	}

	/** A due time may be {@code -infinity}. */
	private static Instant floorBelow(Instant oldest) {
		return oldest.isBefore(Instant.EPOCH) ? Instant.MIN : oldest.minus(FLOOR_LAG);
	}

	private void remove(Probe probe) {
		List<Range> list = this.ranges.getOrDefault(probe.priority(), List.of());
		list.removeIf((range) -> range.taskType().equals(probe.taskType()));
		if (list.isEmpty()) {
			this.ranges.remove(probe.priority());
		}
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	private record Range(String taskType, int priority, Instant floor) {

		String name() {
			return name(this.taskType, this.priority);
		}

		static String name(String taskType, int priority) {
			return priority + taskType;
		}

	}

	private record Found(int count, Instant oldest) {

		static final Found NOTHING = new Found(0, Instant.MAX);

		Found plus(Found other) {
			return new Found(this.count + other.count, this.oldest.isBefore(other.oldest) ? this.oldest : other.oldest);
		}

	}

}
