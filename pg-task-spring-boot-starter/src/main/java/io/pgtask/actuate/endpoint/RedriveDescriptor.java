package io.pgtask.actuate.endpoint;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * How many dead tasks were moved back, or would be.
 *
 * @param preview whether nothing was moved
 * @param count the number of tasks
 */
public record RedriveDescriptor(boolean preview, long count) implements OperationResponseBody {
}
