package io.pgtask;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;

/**
 * Tasks that were parked with an error, and that nobody mended for so long that they were
 * moved to a table of their own. Nothing moves or deletes them from there but an
 * operator. Every method joins the running Spring transaction.
 */
public interface DeadTasks {

	/**
	 * Find dead tasks.
	 * @param query which tasks
	 * @return a page of tasks, newest id first
	 */
	List<DeadTask> find(DeadTaskQuery query);

	/**
	 * Find one dead task.
	 * @param id the task's id
	 * @return the task, or empty if it is not among them
	 */
	Optional<DeadTask> find(UUID id);

	/**
	 * Count the tasks that {@link #redrive(DeadTaskQuery)} would try to move back.
	 * @param query which tasks; its page does not matter
	 * @return how many there are
	 */
	long count(DeadTaskQuery query);

	/**
	 * Move a task back: it has its id and state, is due at once, and starts with fresh
	 * attempts at the step it stopped at.
	 * @param id the task's id
	 * @return {@link ActionResult#NOT_APPLICABLE} if meanwhile another task has its
	 * unique key or id, and {@link ActionResult#RUNNING} if somebody else is just moving
	 * it
	 */
	ActionResult redrive(UUID id);

	/**
	 * Move tasks back. Those whose unique key or id another task has stay where they are.
	 * @param query which tasks; its page does not matter
	 * @return how many were moved back
	 */
	long redrive(DeadTaskQuery query);

	/**
	 * Delete a task for good. It ends as {@link TaskOutcome#DELETED}.
	 * @param id the task's id
	 * @return {@link ActionResult#RUNNING} if somebody else is just moving it
	 */
	ActionResult delete(UUID id);

}
