package io.pgtask;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Everything an operator does: find tasks, retry, mend, cancel, delete, reschedule and
 * prioritize them, one or all of a selection, and pause whole task types.
 * <p>
 * No action ever takes a task from a worker that holds a living lease on it: it answers
 * {@link ActionResult#RUNNING} instead, and the task goes on undisturbed. The one thing
 * that is asked of a running task is to {@linkplain #cancel(UUID) end}. Every action on
 * one task is durable when the method returns, or commits with the running Spring
 * transaction.
 * <p>
 * An action on a selection finds its tasks once and then changes them in batches, each in
 * a transaction of its own unless a Spring transaction runs. A task that does not match
 * any more when its turn comes is left alone. What was done before a failure stays done;
 * the same call goes on with the rest.
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
	 * Count the tasks of a selection, all of them: what an action on it would find now.
	 * @param selection which tasks
	 * @return how many there are
	 */
	long count(TaskSelection selection);

	/**
	 * Run a parked task again from the step it stopped at, with fresh attempts.
	 * @param id the task's id
	 * @return {@link ActionResult#NOT_APPLICABLE} if the task is not parked
	 */
	ActionResult retry(UUID id);

	/**
	 * Run a parked task again from the step it stopped at, with fresh attempts and
	 * another state.
	 * @param id the task's id
	 * @param stateJson the JSON of the state
	 * @return {@link ActionResult#NOT_APPLICABLE} if the task is not parked
	 * @throws InvalidStateException if the step has no such state, or is not known on
	 * this node, which therefore cannot tell
	 */
	ActionResult retry(UUID id, String stateJson);

	/**
	 * Run a parked task again from another step of its type, with fresh attempts.
	 * @param id the task's id
	 * @param step the persisted name of the step
	 * @param stateJson the JSON of its state
	 * @return {@link ActionResult#NOT_APPLICABLE} if the task is not parked
	 * @throws InvalidStateException if the task type has no such step, the step has no
	 * such state, or the type is not known on this node, which therefore cannot tell
	 */
	ActionResult resume(UUID id, String step, String stateJson);

	/**
	 * Run all parked tasks of a selection again, each from the step it stopped at, with
	 * fresh attempts.
	 * @param selection which tasks; those that are not parked are not meant
	 * @return what happened to them
	 */
	ActionSummary retry(TaskSelection selection);

	/**
	 * End a task. One that is waiting or parked has ended when this method returns. One
	 * that a worker holds is asked to end: its step is interrupted within about a second,
	 * on whatever node it runs, and the task ends when the step does, whatever that
	 * returns. Only a step that ends the task anyway has ended it as done; otherwise it
	 * ends as {@link TaskOutcome#CANCELLED}.
	 * <p>
	 * Whoever cancels a running task in a transaction keeps its row locked until the
	 * transaction ends, and should end it soon.
	 * @param id the task's id
	 * @return {@link ActionResult#REQUESTED} if a worker holds the task;
	 * {@link ActionResult#RUNNING} if it keeps the row locked, as the transaction of a
	 * step with a high isolation level does
	 */
	ActionResult cancel(UUID id);

	/**
	 * End all tasks of a selection, as {@link #cancel(UUID)} does.
	 * @param selection which tasks
	 * @return what happened to them
	 */
	ActionSummary cancel(TaskSelection selection);

	/**
	 * Delete the row of a task that is waiting or parked. It leaves no trace but its
	 * record in the history, if there is one: {@link TaskOutcome#DELETED}.
	 * @param id the task's id
	 * @return what happened
	 */
	ActionResult delete(UUID id);

	/**
	 * Delete the rows of all tasks of a selection that are waiting or parked.
	 * @param selection which tasks
	 * @return what happened to them
	 */
	ActionSummary delete(TaskSelection selection);

	/**
	 * Delete the rows of all tasks with a tag that are waiting or parked. Those that a
	 * worker holds at the moment are left alone: whoever wants to be rid of them all
	 * {@linkplain #cancel(TaskSelection) cancels} them.
	 * @param tag the tag
	 * @return how many tasks were deleted
	 */
	default long deleteTagged(String tag) {
		return delete(TaskSelection.all().tagged(tag)).done();
	}

	/**
	 * Let a waiting task become due at another time.
	 * @param id the task's id
	 * @param instant the new time, by the database's clock
	 * @return {@link ActionResult#NOT_APPLICABLE} if the task is parked
	 */
	ActionResult reschedule(UUID id, Instant instant);

	/**
	 * Let all waiting tasks of a selection become due at another time.
	 * @param selection which tasks
	 * @param instant the new time, by the database's clock
	 * @return what happened to them
	 */
	ActionSummary reschedule(TaskSelection selection, Instant instant);

	/**
	 * Change the priority of a task that is waiting or parked.
	 * @param id the task's id
	 * @param priority from 9, the most urgent, to 0
	 * @return what happened
	 */
	ActionResult prioritize(UUID id, int priority);

	/**
	 * Change the priority of all tasks of a selection that are waiting or parked.
	 * @param selection which tasks
	 * @param priority from 9, the most urgent, to 0
	 * @return what happened to them
	 */
	ActionSummary prioritize(TaskSelection selection, int priority);

	/**
	 * Pause a task type on all nodes until it is resumed: no step of it is started any
	 * more. Steps that run go on to their end.
	 * @param taskType the persisted name of the task type, as it is in the rows
	 * @param reason why, for people, or {@code null}
	 * @return {@link ActionResult#NOT_APPLICABLE} if it is paused already
	 */
	ActionResult pauseType(String taskType, @Nullable String reason);

	/**
	 * Resume a paused task type.
	 * @param taskType the persisted name of the task type, as it is in the rows
	 * @return {@link ActionResult#NOT_APPLICABLE} if it is not paused
	 */
	ActionResult resumeType(String taskType);

	/**
	 * Return which task types are paused.
	 * @return the types, in the order of their names
	 */
	List<PausedType> pausedTypes();

	/**
	 * What an action did.
	 */
	enum ActionResult {

		/** The action was carried out. */
		DONE,

		/** A worker holds the task, and was asked to carry the action out. */
		REQUESTED,

		/** There is no such task: it has ended, or never existed. */
		NOT_FOUND,

		/** A worker holds the task; nothing was changed. */
		RUNNING,

		/** The action does not fit what the task is doing; nothing was changed. */
		NOT_APPLICABLE

	}

	/**
	 * What an action did to the tasks of a selection.
	 *
	 * @param done for how many tasks it was carried out
	 * @param requested how many are held by a worker that was asked to carry it out
	 * @param running how many are held by a worker, or by somebody else, and unchanged
	 * @param notApplicable how many did something else when their turn came, or do
	 * something the action does not fit, and are unchanged
	 * @param notFound how many had ended when their turn came
	 */
	record ActionSummary(long done, long requested, long running, long notApplicable, long notFound) {

		/**
		 * Return how many tasks were found.
		 * @return the sum
		 */
		public long total() {
			return this.done + this.requested + this.running + this.notApplicable + this.notFound;
		}

	}

}
