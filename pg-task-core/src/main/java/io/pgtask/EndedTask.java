package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A task that has ended, as its record in the history says.
 *
 * @param id the task's id
 * @param taskType the persisted name of the task type, or {@code null} if the row's text
 * had none
 * @param step the persisted name of the last step, or {@code null} if the row's text had
 * none
 * @param outcome how the task ended
 * @param stateJson the JSON of the last state, or {@code null} if it was not kept
 * @param error why the task was cancelled; otherwise the error it was parked with, or
 * that of the latest failed attempt of its last step, or {@code null}
 * @param failures the failed attempts of the last step that were kept, the oldest first;
 * empty in lists
 * @param passed the states before the last one, at most the latest 50; empty if they were
 * not kept
 * @param tried the number of failed attempts of the last step
 * @param delivery the number of claims of the last step
 * @param priority the priority
 * @param worker the worker that ended the task, or {@code null} if it was none
 * @param headers the headers the task was enqueued with
 * @param tags the words to find the task by, in the order of the alphabet
 * @param uniqueKey the key that no other task of the type had, or {@code null}
 * @param createdAt when the task was enqueued
 * @param endedAt when the task ended
 */
public record EndedTask(UUID id, @Nullable String taskType, @Nullable String step, TaskOutcome outcome,
		@Nullable String stateJson, @Nullable String error, List<FailedAttempt> failures, List<PassedStep> passed,
		int tried, int delivery, int priority, @Nullable String worker, Map<String, String> headers, List<String> tags,
		@Nullable String uniqueKey, Instant createdAt, Instant endedAt) {

	/**
	 * Return how long the task was there, its waiting included.
	 * @return the time from its enqueueing to its end
	 */
	public Duration duration() {
		return Duration.between(this.createdAt, this.endedAt);
	}

}
