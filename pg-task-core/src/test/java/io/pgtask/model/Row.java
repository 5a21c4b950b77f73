package io.pgtask.model;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A row of the table, as far as the model predicts it. Times are in hours from now; one
 * that never comes is none.
 */
record Row(UUID id, String text, int tried, int delivery, int priority, boolean errored, boolean failedBefore,
		int failures, int postponed, boolean parked, boolean cancelRequested, @Nullable String hold,
		@Nullable String key, @Nullable UUID token, @Nullable Long dueIn, @Nullable Long leaseEndsIn,
		@Nullable Long deadlineIn, @Nullable Long heldDueIn) {
}
