package io.pgtask.actuate.endpoint;

import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A page of tasks, newest first.
 *
 * @param tasks the tasks, without their states
 * @param before the parameter {@code before} of the next page, or {@code null} if this is
 * the last one
 */
public record TaskPageDescriptor(List<TaskDescriptor> tasks, @Nullable UUID before) implements OperationResponseBody {
}
