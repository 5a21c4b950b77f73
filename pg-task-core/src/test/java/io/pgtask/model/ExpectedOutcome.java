package io.pgtask.model;

import io.pgtask.TaskOutcome;

/**
 * What is to become of a row whose step was run.
 */
sealed interface ExpectedOutcome {

	/** Change the row. */
	void save(ExpectedTask task, long now);

	/** Whether the row is at another step then. */
	default boolean entersNextStep() {
		return this instanceof Advance || this instanceof Next;
	}

	/** The row is gone. */
	record End(TaskOutcome outcome) implements ExpectedOutcome {

		@Override
		public void save(ExpectedTask task, long now) {
			throw new IllegalStateException("There is no row left to change");
		}

	}

	/** The next step starts at once, under the same claim. */
	record Advance() implements ExpectedOutcome {

		@Override
		public void save(ExpectedTask task, long now) {
			enterNextStep(task);
			task.delivery = 1;
		}

	}

	/** The next step is due later. */
	record Next(int delay) implements ExpectedOutcome {

		@Override
		public void save(ExpectedTask task, long now) {
			enterNextStep(task);
			task.due = now + this.delay;
			task.token = null;
		}

	}

	/**
	 * The step is due again later.
	 *
	 * @param failed whether the attempt failed; otherwise the step has asked for it
	 */
	record Again(int delay, int tried, int delivery, boolean failed) implements ExpectedOutcome {

		@Override
		public void save(ExpectedTask task, long now) {
			release(task, this.tried, this.delivery, now + this.delay);
			if (this.failed) {
				keepFailure(task);
				task.failedBefore = true;
			}
			else {
				task.postponed++;
			}
		}

	}

	/**
	 * Somebody has to act.
	 *
	 * @param attempted whether that is because of a failed attempt, which is kept
	 */
	record Park(int tried, int delivery, boolean attempted) implements ExpectedOutcome {

		@Override
		public void save(ExpectedTask task, long now) {
			release(task, this.tried, this.delivery, now);
			if (this.attempted) {
				keepFailure(task);
			}
			task.failedBefore = true;
			task.postponed = 0;
			task.errored = true;
			task.parked = true;
		}

	}

	/** The claim ends as if it had never been made. */
	record GiveBack() implements ExpectedOutcome {

		@Override
		public void save(ExpectedTask task, long now) {
			task.delivery = Math.max(0, task.delivery - 1);
			task.token = null;
		}

	}

	private static void enterNextStep(ExpectedTask task) {
		task.at++;
		task.tried = 0;
		task.delivery = 0;
		task.postponed = 0;
		task.deadline = null;
		task.forgetFailures();
	}

	private static void release(ExpectedTask task, int tried, int delivery, long due) {
		task.tried = tried;
		task.delivery = delivery;
		task.due = due;
		task.deadline = null;
		task.token = null;
	}

	private static void keepFailure(ExpectedTask task) {
		task.failures = Math.min(task.failures + 1, ExpectedSteps.MAX_KEPT);
	}

}
