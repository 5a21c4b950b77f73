package io.pgtask.actuate.endpoint;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.pgtask.PausedType;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskCount;
import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.worker.Worker;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * {@link Endpoint @Endpoint} to look at tasks and to operate them. It is read-only unless
 * {@code management.endpoint.pgtask.access} is {@code unrestricted}. Everything but the
 * overview is in {@link PgTaskEndpointWebExtension}.
 */
@Endpoint(id = "pgtask", defaultAccess = Access.READ_ONLY)
public class PgTaskEndpoint {

	private final TaskAdmin admin;

	private final TaskRegistry registry;

	private final @Nullable Worker worker;

	private final TaskMasking masking;

	/**
	 * Create an endpoint.
	 * @param admin finds and changes tasks
	 * @param registry the steps of this node, possibly none
	 * @param worker the worker of this node, or {@code null}
	 * @param sanitizingFunctions mask the values that are shown
	 */
	public PgTaskEndpoint(TaskAdmin admin, TaskRegistry registry, @Nullable Worker worker,
			Iterable<SanitizingFunction> sanitizingFunctions) {
		this.admin = admin;
		this.registry = registry;
		this.worker = worker;
		this.masking = new TaskMasking(sanitizingFunctions);
	}

	/**
	 * Return what there is to do, and what this node's worker does about it.
	 * @return the overview
	 */
	@ReadOperation
	public OverviewDescriptor overview() {
		List<TaskCount> counts = this.admin.counts();
		Map<String, PausedType> paused = this.admin.pausedTypes()
			.stream()
			.collect(Collectors.toMap(PausedType::taskType, Function.identity()));
		Map<String, TaskTypeDescriptor> types = new TreeMap<>();
		Stream
			.of(this.registry.steps().stream().map(StepDefinition::taskType),
					counts.stream().map(TaskCount::taskType).filter(Objects::nonNull), paused.keySet().stream())
			.flatMap(Function.identity())
			.forEach((type) -> types.computeIfAbsent(type, (key) -> describe(key, counts, paused.get(key))));
		return new OverviewDescriptor((this.worker != null) ? WorkerDescriptor.of(this.worker) : null, types,
				TaskTypeDescriptor.of(Set.of(), ofType(null, counts), null));
	}

	private TaskTypeDescriptor describe(String type, List<TaskCount> counts, @Nullable PausedType paused) {
		return TaskTypeDescriptor.of(this.registry.stepNames(type), ofType(type, counts), paused);
	}

	private static List<TaskCount> ofType(@Nullable String type, List<TaskCount> counts) {
		return counts.stream().filter((count) -> Objects.equals(count.taskType(), type)).toList();
	}

	TaskAdmin admin() {
		return this.admin;
	}

	@Nullable Worker worker() {
		return this.worker;
	}

	TaskPageDescriptor tasks(TaskQuery query, boolean showValues) {
		List<TaskInfo> tasks = this.admin.find(query);
		UUID before = (tasks.size() == query.limit()) ? tasks.get(tasks.size() - 1).id() : null;
		return new TaskPageDescriptor(
				tasks.stream().map((task) -> this.masking.describe(task, showValues, false)).toList(), before);
	}

	Optional<TaskDescriptor> task(UUID id, boolean showValues) {
		return this.admin.find(id).map((task) -> this.masking.describe(task, showValues, true));
	}

}
