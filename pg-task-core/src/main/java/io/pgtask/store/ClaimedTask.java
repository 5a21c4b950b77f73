package io.pgtask.store;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A row as its claim returned it.
 *
 * @param id the task's id
 * @param token the token of the claim, which fences every later write
 * @param taskType the persisted name of the task type
 * @param priority the priority
 * @param text the text of the step
 * @param tried the number of failed attempts of the step
 * @param delivery the number of claims since the task entered the step, this one included
 * @param headers the headers the task was enqueued with, unmodifiable
 * @param wakeupAt when the task was due
 * @param leaseExpiresAt when the lease ends, by the database's clock
 * @param hold why the task must not run although its hold has ended, or {@code null}
 * @param missedDeadline the deadline that passed before anyone started the task, or
 * {@code null}
 * @param cancelRequested whether somebody has asked to cancel the task
 * @param postponed how often the step came back later without using an attempt
 */
public record ClaimedTask(UUID id, UUID token, String taskType, int priority, String text, int tried, int delivery,
		Map<String, String> headers, Instant wakeupAt, Instant leaseExpiresAt, @Nullable String hold,
		@Nullable Instant missedDeadline, boolean cancelRequested, int postponed) {

	/** The {@link #hold()} of a task that waits to be confirmed. */
	public static final String RESERVED = "reserved";

}
