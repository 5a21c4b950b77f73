package io.pgtask.actuate.endpoint;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A failed attempt of the step that a task is in.
 *
 * @param at when it failed
 * @param attempt which attempt it was, from 1
 * @param delivery its delivery number
 * @param worker the identity of the worker
 * @param took how long the step ran
 * @param error the message with its causes, possibly masked
 * @param stackTrace the stack trace, possibly masked, or {@code null} if none was kept
 */
public record FailedAttemptDescriptor(Instant at, int attempt, int delivery, String worker, Duration took,
		@Nullable Object error, @Nullable Object stackTrace) {
}
