package io.pgtask.store;

import java.util.UUID;

/**
 * A row that was inserted with the lease of a worker.
 *
 * @param id the task's id
 * @param token the token of the claim
 * @param sentNanos when the insert was sent at the earliest, on the scale of
 * {@link System#nanoTime()}
 * @param giveBack called, on any thread, if the worker does not run the task
 */
public record DirectRow(UUID id, UUID token, long sentNanos, Runnable giveBack) {

}
