package io.pgtask;

import java.util.Map;
import java.util.UUID;

/**
 * An execution that a {@link StepGate} decides about.
 *
 * @param taskId the task's id
 * @param taskType the persisted name of the task type
 * @param step the persisted name of the step
 * @param state the state the step would be called with
 * @param attempt which attempt of the step it would be, from 1
 * @param delivery its delivery number, see {@link StepContext#delivery()}
 * @param headers the headers the task was enqueued with, unmodifiable
 */
public record GateRequest(UUID taskId, String taskType, String step, Object state, int attempt, int delivery,
		Map<String, String> headers) {
}
