package io.pgtask.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every step that ran twice must have been in flight when a fault struck its process.
 * What a process starts while the fault lasts is in vain as well, so it may only have as
 * many as it has slots: then it has to notice.
 */
final class RunChecks {

	/**
	 * A process that stood still goes on where it was, perhaps right before the first
	 * line of a step whose lease it had found alive.
	 */
	private static final long LONGEST_AWAKENING = 2_000_000;

	private final List<Event> faults;

	private final List<TaskStory> stories;

	private final int slots;

	private final Map<String, Integer> late = new HashMap<>();

	RunChecks(History history, int slots) {
		this.faults = history.only(Event.Kind.FAULT);
		this.stories = List.copyOf(history.stories());
		this.slots = slots;
	}

	List<Violation> check() {
		List<Violation> violations = new ArrayList<>();
		for (TaskStory story : this.stories) {
			for (TaskStory.Repetition repetition : story.repetitions()) {
				Optional<Event> fault = fault(repetition);
				if (fault.isEmpty()) {
					violations.add(
							Violation.of(Invariant.I8, story, "a step runs twice without a fault", repetition.again()));
				}
				else if (isLate(repetition, fault.get()) && countLate(repetition, fault.get()) > this.slots) {
					violations.add(Violation.of(Invariant.I8, story,
							"a step that runs twice was only started after the fault", repetition.again()));
				}
			}
		}
		return violations;
	}

	/** The latest fault that may have been the reason. */
	private Optional<Event> fault(TaskStory.Repetition repetition) {
		Event first = repetition.first();
		return this.faults.stream()
			.filter((fault) -> isOf(fault, first.process()) && first.at() <= end(fault)
					&& fault.sent() <= repetition.again().at())
			.reduce((former, latter) -> latter);
	}

	private static long end(Event fault) {
		long over = Math.max(fault.at(), fault.lease());
		return fault.detail().equals(Event.PAUSE) ? over + LONGEST_AWAKENING : over;
	}

	private static boolean isOf(Event fault, String process) {
		return fault.process().equals(Event.EVERY_PROCESS) || fault.process().equals(process);
	}

	/** By then the fault had struck. */
	private static boolean isLate(TaskStory.Repetition repetition, Event fault) {
		return repetition.first().at() > fault.at();
	}

	private int countLate(TaskStory.Repetition repetition, Event fault) {
		return this.late.merge(fault.at() + " " + repetition.first().process(), 1, Integer::sum);
	}

}
