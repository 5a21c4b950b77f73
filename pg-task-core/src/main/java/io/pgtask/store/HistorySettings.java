package io.pgtask.store;

import java.util.Set;

import io.pgtask.TaskOutcome;

/**
 * What is kept of tasks that have left the table.
 *
 * @param outcomes which ends are recorded; none means that there is no history
 * @param steps whether the states a task passes are recorded
 * @param state whether the last state of a task is kept
 * @param deadTasks whether tasks that are parked for long are moved to a table of their
 * own
 */
public record HistorySettings(Set<TaskOutcome> outcomes, boolean steps, boolean state, boolean deadTasks) {

	/** Nothing is kept. */
	public static final HistorySettings NONE = new HistorySettings(Set.of(), false, false, false);

	/** Everything is kept but states, which may hold personal data. */
	public static final HistorySettings ALL = new HistorySettings(Set.of(TaskOutcome.values()), true, false, false);

	public HistorySettings {
		outcomes = Set.copyOf(outcomes);
	}

	/**
	 * Change whether the last state of a task is kept.
	 * @param state whether to keep it
	 * @return the changed copy
	 */
	public HistorySettings withState(boolean state) {
		return new HistorySettings(this.outcomes, this.steps, state, this.deadTasks);
	}

	/**
	 * Change whether there is a table for dead tasks.
	 * @param deadTasks whether tasks that are parked for long are moved there
	 * @return the changed copy
	 */
	public HistorySettings withDeadTasks(boolean deadTasks) {
		return new HistorySettings(this.outcomes, this.steps, this.state, deadTasks);
	}

	/**
	 * Return whether an end is recorded.
	 * @param outcome how a task ends
	 * @return whether a record is written
	 */
	public boolean records(TaskOutcome outcome) {
		return this.outcomes.contains(outcome);
	}

	/**
	 * Return whether there is a history.
	 * @return whether any end is recorded
	 */
	public boolean isOn() {
		return !this.outcomes.isEmpty();
	}

	/** Whether the passing of a state is recorded in its row. */
	boolean recordsSteps() {
		return isOn() && this.steps;
	}

}
