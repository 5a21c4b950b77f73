package io.pgtask;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Everything an operator does: find tasks, retry, cancel, delete and reschedule them.
 * <p>
 * No action ever changes a row that a worker holds a living lease on; it answers
 * {@link ActionResult#RUNNING} instead, and the task goes on undisturbed. Every action is
 * durable when the method returns, or commits with the running Spring transaction.
 */
public interface TaskAdmin {

	/**
	 * Find tasks.
	 * @param query which tasks
	 * @return a page of tasks, newest id first
	 */
	List<TaskInfo> find(TaskQuery query);

	/**
	 * Find one task.
	 * @param id the task's id
	 * @return the task, or empty if it has ended or never existed
	 */
	Optional<TaskInfo> find(UUID id);

	/**
	 * Count tasks by type and state. A count stops at 10,000, so that looking never costs
	 * more than the work it looks at.
	 * @return the counts
	 */
	List<TaskCount> counts();

	/**
	 * Run a parked task again from the step it stopped at, with fresh attempts.
	 * @param id the task's id
	 * @return {@link ActionResult#NOT_APPLICABLE} if the task is not parked
	 */
	ActionResult retry(UUID id);

	/**
	 * End a task that is waiting or parked. It ends as {@link TaskOutcome#CANCELLED}.
	 * @param id the task's id
	 * @return what happened
	 */
	ActionResult cancel(UUID id);

	/**
	 * Delete the row of a task that is waiting or parked. It leaves no trace but its
	 * record in the history, if there is one: {@link TaskOutcome#DELETED}.
	 * @param id the task's id
	 * @return what happened
	 */
	ActionResult delete(UUID id);

	/**
	 * Delete the rows of all tasks with a tag that are waiting or parked. Those that a
	 * worker holds at the moment are left alone: whoever wants to be rid of them all
	 * calls again until none is found.
	 * @param tag the tag
	 * @return how many tasks were deleted
	 */
	long deleteTagged(String tag);

	/**
	 * Let a waiting task become due at another time.
	 * @param id the task's id
	 * @param instant the new time, by the database's clock
	 * @return {@link ActionResult#NOT_APPLICABLE} if the task is parked
	 */
	ActionResult reschedule(UUID id, Instant instant);

	/**
	 * What an action did.
	 */
	enum ActionResult {

		/** The action was carried out. */
		DONE,

		/** There is no such task: it has ended, or never existed. */
		NOT_FOUND,

		/** A worker holds the task; nothing was changed. */
		RUNNING,

		/** The action does not fit what the task is doing; nothing was changed. */
		NOT_APPLICABLE

	}

}
