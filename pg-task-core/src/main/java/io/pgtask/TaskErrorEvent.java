package io.pgtask;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A task was parked: its step failed for the last time, was delivered too often without
 * an outcome, or could not be read. Published live on every node that listens; there is
 * no replay.
 *
 * @param taskId the task's id
 * @param taskType the persisted name of the task type, or {@code null} if the row has
 * none
 * @param step the persisted name of the step, or {@code null} if the row's text has none
 * @param error the error text: the message with its causes
 * @param tried the number of failed attempts of the step
 * @param occurredAt when the row was parked, by the database's clock
 */
public record TaskErrorEvent(UUID taskId, @Nullable String taskType, @Nullable String step, String error, int tried,
		Instant occurredAt) {
}
