package io.pgtask.actuate.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.EndedTask;
import io.pgtask.PassedStep;
import io.pgtask.TaskOutcome;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A task that has ended. What may hold personal data is masked unless the endpoint shows
 * values.
 *
 * @param id the task's id
 * @param type the persisted name of the task type, or {@code null} if the row had none
 * @param step the persisted name of the last step, or {@code null} if the row had none
 * @param outcome how the task ended
 * @param failures the failed attempts of the last step that were kept, the oldest first;
 * {@code null} in lists
 * @param passed the states before the last one; their errors possibly masked
 * @param tried the number of failed attempts of the last step
 * @param delivery the number of claims of the last step
 * @param priority the priority
 * @param worker the worker that ended the task, or {@code null} if it was none
 * @param createdAt when the task was enqueued
 * @param endedAt when the task ended
 * @param duration the time between the two
 * @param tags the words to find the task by
 * @param uniqueKey the key that no other task of the type had, possibly masked, or
 * {@code null}
 * @param error the error, possibly masked, or {@code null}
 * @param headers the headers the task was enqueued with, their values possibly masked
 * @param stateJson the JSON of the last state, possibly masked; {@code null} in lists,
 * and if it was not kept
 */
public record EndedTaskDescriptor(UUID id, @Nullable String type, @Nullable String step, TaskOutcome outcome,
		@Nullable List<FailedAttemptDescriptor> failures, List<Passed> passed, int tried, int delivery, int priority,
		@Nullable String worker, Instant createdAt, Instant endedAt, Duration duration, List<String> tags,
		@Nullable Object uniqueKey, @Nullable Object error, Map<String, @Nullable Object> headers,
		@Nullable Object stateJson) implements OperationResponseBody {

	static EndedTaskDescriptor of(EndedTask task, TaskMasking masking, boolean showValues, boolean withState) {
		return new EndedTaskDescriptor(task.id(), task.taskType(), task.step(), task.outcome(),
				withState ? masking.failures(task.failures(), showValues) : null,
				task.passed().stream().map((passed) -> Passed.of(passed, masking, showValues)).toList(), task.tried(),
				task.delivery(), task.priority(), task.worker(), task.createdAt(), task.endedAt(), task.duration(),
				task.tags(), masking.mask("uniqueKey", task.uniqueKey(), showValues),
				masking.mask("error", task.error(), showValues), masking.maskHeaders(task.headers(), showValues),
				(withState && task.stateJson() != null) ? masking.maskState(task.stateJson(), showValues) : null);
	}

	/**
	 * A state that the task has passed.
	 *
	 * @param number which one of the task's states this was, from 1
	 * @param step the persisted name of the step
	 * @param leftAt when the task went on to the next one
	 * @param tried the number of failed attempts of the step
	 * @param delivery the number of claims of the step
	 * @param error the error of the latest failed attempt, possibly masked, or
	 * {@code null}
	 * @param worker the worker that ran the step
	 */
	public record Passed(int number, @Nullable String step, Instant leftAt, int tried, int delivery,
			@Nullable Object error, @Nullable String worker) {

		static Passed of(PassedStep passed, TaskMasking masking, boolean showValues) {
			return new Passed(passed.number(), passed.step(), passed.leftAt(), passed.tried(), passed.delivery(),
					masking.mask("error", passed.error(), showValues), passed.worker());
		}

	}

}
