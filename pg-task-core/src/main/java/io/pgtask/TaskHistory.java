package io.pgtask;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Finds tasks that have ended, if their ends are recorded. Every method joins the running
 * Spring transaction.
 */
public interface TaskHistory {

	/**
	 * Find ended tasks.
	 * @param query which tasks
	 * @return a page of tasks, latest end first
	 */
	List<EndedTask> find(HistoryQuery query);

	/**
	 * Find one ended task.
	 * @param id the task's id
	 * @return the task, or empty if it has not ended, or nothing of its end is kept
	 */
	Optional<EndedTask> find(UUID id);

}
