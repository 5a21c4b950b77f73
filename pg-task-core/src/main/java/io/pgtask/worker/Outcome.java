package io.pgtask.worker;

import java.time.Duration;
import java.util.UUID;

import io.pgtask.store.ClaimKey;
import io.pgtask.store.Transition;

/**
 * A transition on its way to the table.
 *
 * @param execution whose transition it is
 * @param transition what to write
 * @param kind what it means for the step
 * @param step the persisted name of the step that ended, or an empty string if its text
 * could not be read
 * @param took how long the step ran
 */
record Outcome(Execution execution, Transition transition, StepOutcome kind, String step, Duration took) {

	UUID id() {
		return this.execution.id();
	}

	ClaimKey key() {
		return this.execution.key();
	}

	/** The task was ended instead, because somebody asked for that. */
	Outcome cancelled() {
		return new Outcome(this.execution, new Transition.GiveBack(id(), this.execution.token()), StepOutcome.CANCELLED,
				this.step, this.took);
	}

	/** The step does not return, and may never do. */
	static Outcome giveBackUnreturned(Execution execution) {
		return new Outcome(execution, new Transition.GiveBack(execution.id(), execution.token(), true),
				StepOutcome.GIVEN_BACK, "", Duration.ZERO);
	}

	static Outcome giveBack(Execution execution) {
		return new Outcome(execution, new Transition.GiveBack(execution.id(), execution.token()),
				StepOutcome.GIVEN_BACK, "", Duration.ZERO);
	}

}
