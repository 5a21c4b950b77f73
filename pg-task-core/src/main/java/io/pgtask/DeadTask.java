package io.pgtask;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A task that was parked with an error for so long that it was moved away from the tasks
 * that run. It has not ended: it can be moved back.
 *
 * @param id the task's id
 * @param taskType the persisted name of the task type, or {@code null} if the row's text
 * has none
 * @param step the persisted name of the step it stopped at, or {@code null} if the row's
 * text has none
 * @param stateJson the JSON of the step's state, or the whole text of the row if it
 * cannot be taken apart
 * @param error the error the task was parked with
 * @param failures the failed attempts of the step that were kept, the oldest first; empty
 * in lists
 * @param tried the number of failed attempts of the step
 * @param delivery the number of claims of the step
 * @param priority the priority
 * @param headers the headers the task was enqueued with
 * @param tags the words to find the task by, in the order of the alphabet
 * @param uniqueKey the key the task had, or {@code null}; here it keeps nobody out
 * @param createdAt when the task was enqueued
 * @param parkedAt when the task was parked
 * @param movedAt when the task was moved here
 */
public record DeadTask(UUID id, @Nullable String taskType, @Nullable String step, String stateJson, String error,
		List<FailedAttempt> failures, int tried, int delivery, int priority, Map<String, String> headers,
		List<String> tags, @Nullable String uniqueKey, Instant createdAt, Instant parkedAt, Instant movedAt) {

}
