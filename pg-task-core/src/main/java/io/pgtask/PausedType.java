package io.pgtask;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A task type of which no worker starts a step.
 *
 * @param taskType the persisted name of the task type
 * @param pausedAt when it was paused
 * @param reason why, for people, or {@code null}
 */
public record PausedType(String taskType, Instant pausedAt, @Nullable String reason) {
}
