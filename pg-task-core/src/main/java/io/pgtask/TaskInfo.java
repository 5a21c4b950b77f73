package io.pgtask;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A task as an operator sees it: its row at the moment it was read.
 *
 * @param id the task's id
 * @param taskType the persisted name of the task type, or {@code null} if the row's text
 * has none
 * @param step the persisted name of the step, or {@code null} if the row's text has none
 * @param state what the task is doing
 * @param stateJson the JSON of the step's state, or the whole text of the row if it
 * cannot be taken apart
 * @param wakeupAt when the task is due; if it is held, not before the hold ends
 * @param tried the number of failed attempts of the step
 * @param delivery the number of claims since the task entered the step
 * @param priority the priority, 9 is the most urgent and 4 the default
 * @param error the error the task is parked with, or {@code null}
 * @param lastError the error of the latest failed attempt, or {@code null}
 * @param leaseExpiresAt when the lease ends, or {@code null} if no worker holds the task
 * @param createdAt when the task was enqueued
 * @param updatedAt when the task last changed
 * @param headers the headers the task was enqueued with
 * @param tags the words to find the task by, in the order of the alphabet
 * @param uniqueKey the key that no other task of the type has, or {@code null}
 * @param deadline when the task expires unless it is started, or {@code null} if it does
 * not expire, for instance because it was started
 * @param hold why no worker may run the task, such as {@code reserved}, or {@code null}
 * @param heldUntil when the hold ends by itself, or {@code null}
 * @param cancelRequestedAt when somebody asked to cancel the task while a worker had it,
 * or {@code null}
 * @param postponed how often the step came back later without using an attempt
 * @param failures the failed attempts of the step that were kept, the oldest first; empty
 * in lists of tasks
 */
public record TaskInfo(UUID id, @Nullable String taskType, @Nullable String step, TaskState state, String stateJson,
		Instant wakeupAt, int tried, int delivery, int priority, @Nullable String error, @Nullable String lastError,
		@Nullable Instant leaseExpiresAt, Instant createdAt, Instant updatedAt, Map<String, String> headers,
		List<String> tags, @Nullable String uniqueKey, @Nullable Instant deadline, @Nullable String hold,
		@Nullable Instant heldUntil, @Nullable Instant cancelRequestedAt, int postponed, List<FailedAttempt> failures) {
}
