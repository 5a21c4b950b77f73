package io.pgtask;

import java.time.Duration;
import java.util.UUID;

/**
 * A task has not ended within the time its caller wanted to wait. The task goes on, and
 * may be waited for again.
 */
public class AwaitTimeoutException extends PgTaskException {

	private final UUID taskId;

	/**
	 * Create an exception.
	 * @param taskId the task's id
	 * @param timeout how long the caller has waited
	 */
	public AwaitTimeoutException(UUID taskId, Duration timeout) {
		super("The task %s has not ended within %s. It goes on; wait for it again, or longer".formatted(taskId,
				timeout), null);
		this.taskId = taskId;
	}

	/**
	 * Return which task has not ended.
	 * @return the task's id
	 */
	public UUID getTaskId() {
		return this.taskId;
	}

}
