package io.pgtask.faults;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A promise that was broken, and the piece of history that shows it.
 */
record Violation(Invariant invariant, String task, String what, List<Event> piece) {

	private static final int LONGEST_PIECE = 8;

	static Violation of(Invariant invariant, TaskStory story, String what, Event last) {
		return new Violation(invariant, story.task(), what, story.until(last, LONGEST_PIECE));
	}

	@Override
	public String toString() {
		return this.invariant + " " + this.task + ": " + this.what
				+ this.piece.stream().map((event) -> "\n    " + event).collect(Collectors.joining());
	}

}
