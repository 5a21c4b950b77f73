package io.pgtask.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * What happened to one task, in that order.
 */
record TaskStory(List<Event> events) {

	String task() {
		return this.events.get(0).task();
	}

	/** The first part of the task's name, which says how it behaves. */
	String behaviour() {
		return Trip.behaviour(task());
	}

	boolean has(Event.Kind kind) {
		return first(kind) != null;
	}

	@Nullable Event first(Event.Kind kind) {
		return this.events.stream().filter((event) -> event.kind() == kind).findFirst().orElse(null);
	}

	List<Event> all(Predicate<Event> which) {
		return this.events.stream().filter(which).toList();
	}

	/** The runs of each step that followed one another without a reason in the table. */
	List<Repetition> repetitions() {
		List<Repetition> repetitions = new ArrayList<>();
		for (String step : Trip.STEPS) {
			List<Event> starts = all((event) -> event.kind() == Event.Kind.START && event.step().equals(step));
			for (int i = 1; i < starts.size(); i++) {
				Event first = starts.get(i - 1);
				Event again = starts.get(i);
				if (this.events.stream().noneMatch((event) -> isAskedFor(event, first, again))) {
					repetitions.add(new Repetition(first, again));
				}
			}
		}
		return repetitions;
	}

	/** The attempt had an outcome, by which the step was to run again. */
	private static boolean isAskedFor(Event event, Event first, Event again) {
		boolean returns = event.kind() == Event.Kind.RELEASE || event.kind() == Event.Kind.GIVE_BACK;
		return returns && event.process().equals(first.process()) && event.step().equals(first.step())
				&& event.at() > first.at() && event.at() < again.at();
	}

	/** The part of the story that ends with an event, no longer than it has to be. */
	List<Event> until(Event last, int most) {
		List<Event> before = all((event) -> event.at() <= last.at() && event.kind() != Event.Kind.END);
		return before.subList(Math.max(0, before.size() - most), before.size());
	}

	/**
	 * A step was run twice.
	 */
	record Repetition(Event first, Event again) {
	}

}
