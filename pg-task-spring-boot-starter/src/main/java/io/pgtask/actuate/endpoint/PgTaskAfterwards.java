package io.pgtask.actuate.endpoint;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.pgtask.DeadTask;
import io.pgtask.DeadTaskQuery;
import io.pgtask.DeadTasks;
import io.pgtask.EndedTask;
import io.pgtask.HistoryQuery;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskHistory;
import io.pgtask.TaskHousekeeping;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;

/**
 * What the endpoint shows and does about tasks that are no longer in the table: those
 * that have ended, and the dead ones.
 */
public class PgTaskAfterwards {

	private final TaskHistory history;

	private final DeadTasks deadTasks;

	private final TaskHousekeeping housekeeping;

	private final TaskMasking masking;

	/**
	 * Create it.
	 * @param history finds ended tasks
	 * @param deadTasks finds dead tasks and moves them back
	 * @param housekeeping keeps house
	 * @param sanitizingFunctions mask the values that are shown
	 */
	public PgTaskAfterwards(TaskHistory history, DeadTasks deadTasks, TaskHousekeeping housekeeping,
			Iterable<SanitizingFunction> sanitizingFunctions) {
		this.history = history;
		this.deadTasks = deadTasks;
		this.housekeeping = housekeeping;
		this.masking = new TaskMasking(sanitizingFunctions);
	}

	EndedTaskPageDescriptor history(HistoryQuery query, boolean showValues) {
		List<EndedTask> tasks = this.history.find(query);
		UUID before = (tasks.size() == query.limit()) ? tasks.get(tasks.size() - 1).id() : null;
		return new EndedTaskPageDescriptor(
				tasks.stream().map((task) -> EndedTaskDescriptor.of(task, this.masking, showValues, false)).toList(),
				before);
	}

	Optional<EndedTaskDescriptor> ended(UUID id, boolean showValues) {
		return this.history.find(id).map((task) -> EndedTaskDescriptor.of(task, this.masking, showValues, true));
	}

	DeadTaskPageDescriptor dead(DeadTaskQuery query, boolean showValues) {
		List<DeadTask> tasks = this.deadTasks.find(query);
		UUID before = (tasks.size() == query.limit()) ? tasks.get(tasks.size() - 1).id() : null;
		return new DeadTaskPageDescriptor(
				tasks.stream().map((task) -> DeadTaskDescriptor.of(task, this.masking, showValues, false)).toList(),
				before);
	}

	Optional<DeadTaskDescriptor> dead(UUID id, boolean showValues) {
		return this.deadTasks.find(id).map((task) -> DeadTaskDescriptor.of(task, this.masking, showValues, true));
	}

	ActionResult perform(DeadTaskAction action, UUID id) {
		return switch (action) {
			case REDRIVE -> this.deadTasks.redrive(id);
			case DELETE -> this.deadTasks.delete(id);
		};
	}

	RedriveDescriptor redrive(DeadTaskQuery query, boolean preview) {
		return new RedriveDescriptor(preview, preview ? this.deadTasks.count(query) : this.deadTasks.redrive(query));
	}

	HousekeepingDescriptor keepHouse() {
		return HousekeepingDescriptor.of(this.housekeeping.run());
	}

}
