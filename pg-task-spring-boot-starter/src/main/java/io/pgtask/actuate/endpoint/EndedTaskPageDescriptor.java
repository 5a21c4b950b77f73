package io.pgtask.actuate.endpoint;

import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A page of ended tasks.
 *
 * @param tasks the tasks, latest end first
 * @param before the parameter for the next page, or {@code null} if this is the last one
 */
public record EndedTaskPageDescriptor(List<EndedTaskDescriptor> tasks,
		@Nullable UUID before) implements OperationResponseBody {
}
