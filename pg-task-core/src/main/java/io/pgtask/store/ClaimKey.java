package io.pgtask.store;

import java.util.UUID;

/**
 * One claim of one task. The id alone is not enough: a worker that lost a lease may have
 * claimed the very same task again.
 *
 * @param id the task's id
 * @param token the token of the claim
 */
public record ClaimKey(UUID id, UUID token) {
}
