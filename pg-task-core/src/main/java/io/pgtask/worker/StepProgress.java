package io.pgtask.worker;

import io.pgtask.store.ClaimedTask;

/**
 * The step an execution is at, and what it has taken so far.
 *
 * @param text the text of the step
 * @param tried the number of its failed attempts
 * @param delivery the number of its claims
 * @param postponed how often it came back later without using an attempt
 */
record StepProgress(String text, int tried, int delivery, int postponed) {

	static StepProgress of(ClaimedTask task) {
		return new StepProgress(task.text(), task.tried(), task.delivery(), task.postponed());
	}

	/** How many claims of the step ended without an outcome. */
	int lostDeliveries() {
		return this.delivery - 1 - this.tried;
	}

	/** The beginning of a step under a claim that the task already has. */
	static StepProgress begin(String text) {
		return new StepProgress(text, 0, 1, 0);
	}

}
