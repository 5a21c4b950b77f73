package io.pgtask.actuate.endpoint;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.TaskState;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A task. What may hold personal data is masked unless the endpoint shows values.
 *
 * @param id the task's id
 * @param type the persisted name of the task type, or {@code null} if the row has none
 * @param step the persisted name of the step, or {@code null} if the row has none
 * @param state what the task is doing
 * @param wakeupAt when the task is due; if it is held, not before the hold ends
 * @param tried the number of failed attempts of the step
 * @param delivery the number of claims since the task entered the step
 * @param priority the priority, 9 is the most urgent
 * @param createdAt when the task was enqueued
 * @param updatedAt when the task last changed
 * @param leaseExpiresAt when the lease ends, or {@code null} if no worker holds the task
 * @param tags the words to find the task by
 * @param uniqueKey the key that no other task of the type has, possibly masked, or
 * {@code null}
 * @param deadline when the task expires unless it is started, or {@code null}
 * @param hold why no worker may run the task, such as {@code reserved}, or {@code null}
 * @param heldUntil when the hold ends by itself, or {@code null}
 * @param cancelRequestedAt when somebody asked to cancel the task while a worker had it,
 * or {@code null}
 * @param error the error the task is parked with, possibly masked, or {@code null}
 * @param lastError the error of the latest failed attempt, possibly masked, or
 * {@code null}
 * @param postponed how often the step came back later without using an attempt
 * @param failures the failed attempts of the step that were kept, the oldest first;
 * {@code null} in lists
 * @param headers the headers the task was enqueued with, their values possibly masked
 * @param stateJson the JSON of the step's state, possibly masked; {@code null} in lists
 */
public record TaskDescriptor(UUID id, @Nullable String type, @Nullable String step, TaskState state, Instant wakeupAt,
		int tried, int delivery, int priority, Instant createdAt, Instant updatedAt, @Nullable Instant leaseExpiresAt,
		List<String> tags, @Nullable Object uniqueKey, @Nullable Instant deadline, @Nullable String hold,
		@Nullable Instant heldUntil, @Nullable Instant cancelRequestedAt, @Nullable Object error,
		@Nullable Object lastError, int postponed, @Nullable List<FailedAttemptDescriptor> failures,
		Map<String, @Nullable Object> headers, @Nullable Object stateJson) implements OperationResponseBody {
}
