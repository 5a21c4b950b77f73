package io.pgtask.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Proves that every {@link Invariant} held in a history, or finds what broke one.
 */
final class Checker {

	private final History history;

	private final int maxDeliveries;

	private final RunChecks runs;

	private final List<Violation> violations = new ArrayList<>();

	/**
	 * Create a checker.
	 * @param maxDeliveries how many deliveries of a step may be lost before its task is
	 * parked
	 * @param slots how many steps a process runs at once
	 */
	Checker(History history, int maxDeliveries, int slots) {
		this.history = history;
		this.maxDeliveries = maxDeliveries;
		this.runs = new RunChecks(history, slots);
	}

	/** The violations, the shortest first. */
	List<Violation> check() {
		for (TaskStory story : this.history.stories()) {
			checkEnd(story);
			checkParked(story);
			checkParkedByHand(story);
			checkWrites(story);
			checkProgress(story);
			checkDurable(story);
			checkNeverRuns(story);
		}
		this.violations.addAll(this.runs.check());
		checkKeys();
		checkStops();
		checkFlat();
		this.violations.sort(Comparator.comparingInt((violation) -> violation.piece().size()));
		return this.violations;
	}

	private void checkEnd(TaskStory story) {
		List<Event> ends = story.all((event) -> event.isSure(Event.Kind.FINISH));
		Event left = story.first(Event.Kind.LEFT);
		if (ends.size() > 1) {
			add(Invariant.I2, story, "ended twice", ends.get(1));
		}
		if (left != null && left.detail().isEmpty()) {
			add(Invariant.I2, story, "nobody runs it", left);
		}
		if (!ends.isEmpty()) {
			Event end = ends.get(0);
			story.all((event) -> event.at() > end.at() && isLife(event))
				.stream()
				.findFirst()
				.ifPresent((event) -> add(Invariant.I2, story, "lives on after its end", event));
		}
		Event enqueued = story.first(Event.Kind.ENQUEUED);
		if (enqueued != null && left == null && !story.has(Event.Kind.FINISH) && !story.has(Event.Kind.OPERATOR)) {
			add(Invariant.I1, story, "is lost", story.events().get(story.events().size() - 1));
		}
	}

	private static boolean isLife(Event event) {
		return event.kind() == Event.Kind.CLAIM || event.kind() == Event.Kind.LEFT;
	}

	private void checkParked(TaskStory story) {
		Event left = story.first(Event.Kind.LEFT);
		boolean parked = left != null && !left.detail().isEmpty();
		boolean poison = Trip.POISONS.contains(story.behaviour());
		if (parked && left != null && !poison && !story.has(Event.Kind.OPERATOR)) {
			boolean delivered = left.detail().startsWith("delivered ");
			add(delivered ? Invariant.POISON : Invariant.PARKED, story, "is parked: " + left.detail(), left);
		}
		if (poison && story.has(Event.Kind.FINISH) && !story.has(Event.Kind.OPERATOR)) {
			add(Invariant.POISON, story, "ended, although it can't", story.events().get(story.events().size() - 1));
		}
		List<Event> starts = story
			.all((event) -> event.kind() == Event.Kind.START && event.step().equals(Trip.POISONED));
		if (story.behaviour().equals("exit") && starts.size() > this.maxDeliveries && !story.has(Event.Kind.OPERATOR)) {
			add(Invariant.POISON, story, "is delivered again and again", starts.get(this.maxDeliveries));
		}
	}

	/** Whoever parks a task by hand has ended its claim, which nobody renews any more. */
	private void checkParkedByHand(TaskStory story) {
		Event left = story.first(Event.Kind.LEFT);
		for (Event parked : story.all(Checker::parks)) {
			boolean resumed = !story.all((event) -> event.at() > parked.at() && isClaimOrParks(event)).isEmpty();
			if (!resumed && left != null && left.lease() > parked.lease()) {
				add(Invariant.I3, story, "has its lease renewed although it is parked", left);
			}
		}
	}

	private static boolean isClaimOrParks(Event event) {
		return event.kind() == Event.Kind.CLAIM || parks(event);
	}

	/** Somebody has parked a task that was claimed. */
	private static boolean parks(Event event) {
		return event.kind() == Event.Kind.OPERATOR && event.lease() > 0;
	}

	private void checkWrites(TaskStory story) {
		String holder = "";
		for (Event event : story.events()) {
			if (event.isSure(Event.Kind.CLAIM)) {
				holder = event.token();
			}
			else if (event.isWrite() && event.sure()) {
				if (!holder.isEmpty() && !event.token().equals(holder)) {
					add(Invariant.I3, story, "is written by another than its holder", event);
				}
				if (event.lease() > 0 && event.sent() >= event.lease()) {
					add(Invariant.I3, story, "is written after the end of the lease", event);
				}
			}
		}
	}

	private void checkProgress(TaskStory story) {
		Event farthest = null;
		for (Event event : story.events()) {
			boolean row = event.kind() == Event.Kind.CLAIM || event.isWrite() || event.kind() == Event.Kind.LEFT;
			if (!row || !event.sure()) {
				continue;
			}
			if (farthest != null && event.rank() < farthest.rank()) {
				add(Invariant.I5, story, "goes back to an earlier step", event);
				return;
			}
			farthest = event;
		}
		checkFinishedSteps(story);
	}

	private void checkFinishedSteps(TaskStory story) {
		Event farthest = null;
		for (Event event : story.events()) {
			if (event.kind() == Event.Kind.START && isBehind(event, farthest)) {
				add(Invariant.I4, story, "runs a finished step again", event);
				return;
			}
			if (event.isWrite() && event.sure()) {
				farthest = event;
			}
		}
	}

	private static boolean isBehind(Event start, @Nullable Event farthest) {
		return farthest != null && (farthest.kind() == Event.Kind.FINISH || start.rank() < farthest.rank());
	}

	/**
	 * The transition to a step has to be durable before the step runs. At the first one a
	 * task begins, by an insert perhaps whose answer was lost.
	 */
	private void checkDurable(TaskStory story) {
		Set<String> reached = new HashSet<>();
		for (Event event : story.events()) {
			if (event.kind() == Event.Kind.CLAIM || (event.isWrite() && event.sure())) {
				reached.add(event.step());
			}
			else if (event.kind() == Event.Kind.START && event.rank() > 0 && !reached.contains(event.step())) {
				add(Invariant.I4, story, "runs before the transition to it is durable", event);
				return;
			}
		}
	}

	private void checkNeverRuns(TaskStory story) {
		Event start = story.first(Event.Kind.START);
		if (story.has(Event.Kind.REJECTED) && start != null) {
			add(Invariant.I6, story, "runs, although it was never enqueued", start);
		}
	}

	private void checkKeys() {
		Map<String, TaskStory> last = new HashMap<>();
		this.history.stories()
			.stream()
			.filter((story) -> !key(story).isEmpty() && story.has(Event.Kind.START))
			.sorted(Comparator.comparingLong((story) -> story.events().get(0).at()))
			.forEach((story) -> {
				TaskStory before = last.put(key(story), story);
				Event start = story.first(Event.Kind.START);
				if (before != null && start != null && !isOver(before, start)) {
					add(Invariant.I7, story, "runs while " + before.task() + " has its unique key", start);
				}
			});
	}

	/** When somebody has cancelled a task that waited is not recorded. */
	private static boolean isOver(TaskStory before, Event start) {
		Event end = before.first(Event.Kind.FINISH);
		return (end != null) ? end.at() <= start.at() : before.has(Event.Kind.OPERATOR);
	}

	private static String key(TaskStory story) {
		Event enqueue = story.first(Event.Kind.ENQUEUE);
		return (enqueue != null) ? enqueue.detail() : "";
	}

	/** A lease that is over by then has been lost before, and nobody waits for it. */
	private void checkStops() {
		Set<String> reported = new HashSet<>();
		for (Event stopped : this.history.only(Event.Kind.STOPPED)) {
			for (TaskStory story : this.history.stories()) {
				Event claim = lastBefore(story, stopped);
				boolean held = claim != null && claim.process().equals(stopped.process())
						&& leaseEnd(story, claim, stopped) > stopped.at()
						&& story.all((event) -> endsClaim(event, claim)).isEmpty();
				if (claim != null && held && reported.add(story.task())) {
					add(Invariant.STOP, story, "waits for a lease of " + stopped.process() + ", which has stopped",
							claim);
				}
			}
		}
	}

	private void checkFlat() {
		Growth.in(this.history)
			.stream()
			.filter(Growth::isTooMuch)
			.forEach((growth) -> this.violations
				.add(new Violation(Invariant.FLAT, growth.process(), growth.toString(), List.of())));
	}

	private static @Nullable Event lastBefore(TaskStory story, Event stopped) {
		List<Event> claims = story.all((event) -> event.isSure(Event.Kind.CLAIM) && event.at() < stopped.at());
		return claims.isEmpty() ? null : claims.get(claims.size() - 1);
	}

	/**
	 * As far as it is known: renewals are not recorded, but what a transition has found.
	 */
	private static long leaseEnd(TaskStory story, Event claim, Event stopped) {
		return story.all((event) -> event.token().equals(claim.token()) && event.at() <= stopped.at())
			.stream()
			.mapToLong(Event::lease)
			.max()
			.orElse(0);
	}

	private static boolean endsClaim(Event event, Event claim) {
		if (parks(event)) {
			return event.at() > claim.at();
		}
		boolean released = event.isWrite() && event.kind() != Event.Kind.ADVANCE && event.lease() == 0;
		boolean ended = event.kind() == Event.Kind.FINISH || event.kind() == Event.Kind.REFUSED;
		return (released || ended) && event.token().equals(claim.token());
	}

	private void add(Invariant invariant, TaskStory story, String what, Event last) {
		this.violations.add(Violation.of(invariant, story, what, last));
	}

}
