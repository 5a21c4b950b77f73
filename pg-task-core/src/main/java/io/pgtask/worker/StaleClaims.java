package io.pgtask.worker;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * Gives back tasks that were claimed ahead but cannot be started, because every slot is
 * held up by a step that takes longer than the pace made believe: another worker may have
 * a free slot for them.
 */
final class StaleClaims {

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

	private final Holdings holdings;

	private final Slots slots;

	private final Pace pace;

	private final Consumer<Outcome> outcomes;

	StaleClaims(Holdings holdings, Slots slots, Pace pace, Consumer<Outcome> outcomes) {
		this.holdings = holdings;
		this.slots = slots;
		this.pace = pace;
		this.outcomes = outcomes;
	}

	void giveBack() {
		// Where the slots still take one task after the other, only the machine is slow.
		if (this.slots.sinceLastTaken().compareTo(LONGEST_WAIT) < 0) {
			return;
		}
		long now = System.nanoTime();
		for (Execution execution : this.holdings.all()) {
			if (now - execution.waitingSinceNanos() > LONGEST_WAIT.toNanos() && execution.withdraw()) {
				this.pace.reset();
				this.outcomes.accept(Outcome.giveBack(execution));
			}
		}
	}

}
