package io.pgtask.actuate.endpoint;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What there is to do, and what this node's worker does about it.
 *
 * @param worker this node's worker, or {@code null} if it has none
 * @param types the tasks by the persisted name of their type
 * @param untyped the rows whose text names no task type
 */
public record OverviewDescriptor(@Nullable WorkerDescriptor worker, Map<String, TaskTypeDescriptor> types,
		TaskTypeDescriptor untyped) implements OperationResponseBody {
}
