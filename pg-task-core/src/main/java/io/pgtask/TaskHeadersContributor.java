package io.pgtask;

import java.util.Map;

/**
 * Adds headers to every task that is enqueued, on the thread that enqueues it: a trace
 * context, a tenant, a user. Steps read them by {@link StepContext#headers()}.
 */
@FunctionalInterface
public interface TaskHeadersContributor {

	/**
	 * Add headers to a task.
	 * @param taskType the persisted name of the task type
	 * @param step the persisted name of its first step
	 * @param headers the headers so far, modifiable
	 */
	void contribute(String taskType, String step, Map<String, String> headers);

}
