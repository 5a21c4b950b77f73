package io.pgtask;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A failed attempt of the step a task is in.
 *
 * @param at when it failed, by the database's clock
 * @param attempt which attempt it was, from 1; counted anew when somebody retries a
 * parked task
 * @param delivery the delivery number it had, see {@link StepContext#delivery()}
 * @param worker the identity of the worker, as it logs it when it starts
 * @param took how long the step ran
 * @param error the message with its causes, cut if it is long
 * @param stackTrace the stack trace, cut if it is long, or {@code null} if none was kept
 */
public record FailedAttempt(Instant at, int attempt, int delivery, String worker, Duration took, String error,
		@Nullable String stackTrace) {
}
