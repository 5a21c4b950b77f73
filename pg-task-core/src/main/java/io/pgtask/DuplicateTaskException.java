package io.pgtask;

import java.util.UUID;

/**
 * A living task already has the unique key of one that was to be enqueued. The database
 * has reported no error: the running transaction can go on if the caller catches the
 * exception.
 */
public class DuplicateTaskException extends PgTaskException {

	private final String taskType;

	private final String uniqueKey;

	private final UUID existingId;

	/**
	 * Create an exception.
	 * @param message what was refused, and what to do
	 * @param taskType the persisted name of the task type
	 * @param uniqueKey the key that both tasks have
	 * @param existingId the id of the living task
	 */
	public DuplicateTaskException(String message, String taskType, String uniqueKey, UUID existingId) {
		super(message, null);
		this.taskType = taskType;
		this.uniqueKey = uniqueKey;
		this.existingId = existingId;
	}

	/**
	 * Return the type of both tasks.
	 * @return the persisted name of the task type
	 */
	public String taskType() {
		return this.taskType;
	}

	/**
	 * Return the key that both tasks have.
	 * @return the unique key
	 */
	public String uniqueKey() {
		return this.uniqueKey;
	}

	/**
	 * Return the id of the living task.
	 * @return the id
	 */
	public UUID existingId() {
		return this.existingId;
	}

}
