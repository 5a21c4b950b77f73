package io.pgtask.actuate.endpoint;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.DeadTask;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A task that was parked for long. What may hold personal data is masked unless the
 * endpoint shows values.
 *
 * @param id the task's id
 * @param type the persisted name of the task type, or {@code null} if the row has none
 * @param step the persisted name of the step, or {@code null} if the row has none
 * @param tried the number of failed attempts of the step
 * @param delivery the number of claims of the step
 * @param priority the priority
 * @param createdAt when the task was enqueued
 * @param parkedAt when the task was parked
 * @param movedAt when the task was moved to the dead ones
 * @param tags the words to find the task by
 * @param uniqueKey the key the task had, possibly masked, or {@code null}
 * @param error the error the task was parked with, possibly masked
 * @param failures the failed attempts of the step that were kept, the oldest first;
 * {@code null} in lists
 * @param headers the headers the task was enqueued with, their values possibly masked
 * @param stateJson the JSON of the step's state, possibly masked; {@code null} in lists
 */
public record DeadTaskDescriptor(UUID id, @Nullable String type, @Nullable String step, int tried, int delivery,
		int priority, Instant createdAt, Instant parkedAt, Instant movedAt, List<String> tags,
		@Nullable Object uniqueKey, @Nullable Object error, @Nullable List<FailedAttemptDescriptor> failures,
		Map<String, @Nullable Object> headers, @Nullable Object stateJson) implements OperationResponseBody {

	static DeadTaskDescriptor of(DeadTask task, TaskMasking masking, boolean showValues, boolean withState) {
		return new DeadTaskDescriptor(task.id(), task.taskType(), task.step(), task.tried(), task.delivery(),
				task.priority(), task.createdAt(), task.parkedAt(), task.movedAt(), task.tags(),
				masking.mask("uniqueKey", task.uniqueKey(), showValues),
				masking.mask("error", task.error(), showValues),
				withState ? masking.failures(task.failures(), showValues) : null,
				masking.maskHeaders(task.headers(), showValues),
				withState ? masking.maskState(task.stateJson(), showValues) : null);
	}

}
