package io.pgtask.actuate.endpoint;

import org.jspecify.annotations.Nullable;

/**
 * The parameters of an action, as they were sent.
 *
 * @param action what to do
 * @param step the step to resume from
 * @param stateJson the JSON of the state to go on with
 * @param at the new due time
 * @param priority the new priority
 */
record ActionParameters(@Nullable String action, @Nullable String step, @Nullable String stateJson, @Nullable String at,
		@Nullable String priority) {
}
