package io.pgtask.store;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.pgtask.PausedType;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskCount;
import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
import io.pgtask.TaskSelection;
import io.pgtask.TaskState;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds, counts and changes tasks by SQL. Every method joins the running Spring
 * transaction of its data source; workers are woken when that is committed. Thread-safe.
 * <p>
 * An action never waits for long: a row that some transaction keeps locked for more than
 * a second counts as {@link TaskAdmin.ActionResult#RUNNING}.
 */
public final class JdbcTaskAdmin implements TaskAdmin {

	private final TaskSearch search;

	private final TaskCounter counter;

	private final TaskActions actions;

	private final StepEditor editor;

	private final TypePauses pauses;

	/**
	 * Create an admin of tasks whose steps are not known here, so that it refuses every
	 * state that is to be edited.
	 * @param dataSource where the table is
	 * @param table the table
	 * @param wakeups wakes the workers when there is work again
	 */
	public JdbcTaskAdmin(DataSource dataSource, TaskTable table, Wakeups wakeups) {
		this(dataSource, table, wakeups, () -> new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()));
	}

	/**
	 * Create an admin.
	 * @param dataSource where the table is
	 * @param table the table
	 * @param wakeups wakes the workers when there is work again
	 * @param codec reads the states that are edited; asked for when there is one, because
	 * steps may use an admin
	 */
	public JdbcTaskAdmin(DataSource dataSource, TaskTable table, Wakeups wakeups, Supplier<StepCodec> codec) {
		CommitStarts commitStarts = new CommitStarts(dataSource, table);
		CallerConnection connection = new CallerConnection(dataSource, commitStarts::release);
		this.search = new TaskSearch(connection, table);
		this.counter = new TaskCounter(connection, table);
		this.actions = new TaskActions(connection, table, wakeups);
		this.editor = new StepEditor(connection, table, codec);
		this.pauses = new TypePauses(connection, table, wakeups);
	}

	/**
	 * {@inheritDoc} A rare step of any type and state is the one thing that no index
	 * finds: such a query may read the whole table. A page shows at most the first 10,000
	 * characters of a row's text; a state that was cut ends with an ellipsis, and
	 * {@link #find(UUID)} has it whole.
	 */
	@Override
	public List<TaskInfo> find(TaskQuery query) {
		Objects.requireNonNull(query, "The query must not be null; use TaskQuery.all() to find all tasks");
		return this.search.find(query);
	}

	@Override
	public Optional<TaskInfo> find(UUID id) {
		return this.search.find(requireId(id));
	}

	/**
	 * {@inheritDoc} There is an element for every type and state with tasks, for at most
	 * 1,000 types, in the order of the types and states.
	 */
	@Override
	public List<TaskCount> counts() {
		return this.counter.count();
	}

	/**
	 * {@inheritDoc} All of them are looked at, by index where there is one for what they
	 * are selected by.
	 */
	@Override
	public long count(TaskSelection selection) {
		return this.search.count(requireSelection(selection));
	}

	@Override
	public ActionResult retry(UUID id) {
		return this.actions.act(ActionStatement.retry(TaskSelection.all()), requireId(id));
	}

	@Override
	public ActionResult retry(UUID id, String stateJson) {
		return edit(requireId(id), null, stateJson);
	}

	@Override
	public ActionResult resume(UUID id, String step, String stateJson) {
		Objects.requireNonNull(step, "The step must not be null");
		return edit(requireId(id), step, stateJson);
	}

	private ActionResult edit(UUID id, @Nullable String step, String stateJson) {
		Objects.requireNonNull(stateJson,
				"The JSON of the state must not be null; a state without components is \"null\"");
		return this.editor.edit(id, step, stateJson)
			.map((edit) -> this.actions.act(ActionStatement.retryWith(edit), id))
			.orElse(ActionResult.NOT_FOUND);
	}

	@Override
	public ActionSummary retry(TaskSelection selection) {
		TaskSelection parked = ofState(requireSelection(selection), TaskState.ERRORED);
		return this.actions.act(ActionStatement.retry(parked), this.search.ids(parked));
	}

	/** A selection of another state has none in this one. */
	private static TaskSelection ofState(TaskSelection selection, TaskState state) {
		return (selection.state() == null) ? selection.in(state) : selection;
	}

	@Override
	public ActionResult cancel(UUID id) {
		return this.actions.act(ActionStatement.cancel(TaskSelection.all()), requireId(id));
	}

	@Override
	public ActionSummary cancel(TaskSelection selection) {
		return this.actions.act(ActionStatement.cancel(requireSelection(selection)), this.search.ids(selection));
	}

	@Override
	public ActionResult delete(UUID id) {
		return this.actions.act(ActionStatement.delete(TaskSelection.all()), requireId(id));
	}

	@Override
	public ActionSummary delete(TaskSelection selection) {
		return this.actions.act(ActionStatement.delete(requireSelection(selection)), this.search.ids(selection));
	}

	/**
	 * {@inheritDoc} A time in the past means at once; a time is used to the microsecond,
	 * rounded up.
	 * @throws IllegalArgumentException if PostgreSQL has no timestamp that late
	 */
	@Override
	public ActionResult reschedule(UUID id, Instant instant) {
		return this.actions.act(ActionStatement.reschedule(TaskSelection.all(), requireInstant(instant)),
				requireId(id));
	}

	@Override
	public ActionSummary reschedule(TaskSelection selection, Instant instant) {
		ActionStatement action = ActionStatement.reschedule(requireSelection(selection), requireInstant(instant));
		return this.actions.act(action, this.search.ids(selection));
	}

	@Override
	public ActionResult prioritize(UUID id, int priority) {
		return this.actions.act(ActionStatement.prioritize(TaskSelection.all(), requirePriority(priority)),
				requireId(id));
	}

	@Override
	public ActionSummary prioritize(TaskSelection selection, int priority) {
		ActionStatement action = ActionStatement.prioritize(requireSelection(selection), requirePriority(priority));
		return this.actions.act(action, this.search.ids(selection));
	}

	@Override
	public ActionResult pauseType(String taskType, @Nullable String reason) {
		Objects.requireNonNull(taskType, "The task type must not be null");
		return this.pauses.pause(taskType, reason);
	}

	@Override
	public ActionResult resumeType(String taskType) {
		Objects.requireNonNull(taskType, "The task type must not be null");
		return this.pauses.resume(taskType);
	}

	@Override
	public List<PausedType> pausedTypes() {
		return this.pauses.list();
	}

	private static UUID requireId(UUID id) {
		return Objects.requireNonNull(id, "The task's id must not be null");
	}

	private static TaskSelection requireSelection(TaskSelection selection) {
		return Objects.requireNonNull(selection,
				"The selection must not be null; use TaskSelection.all() to select all tasks");
	}

	private static Instant requireInstant(Instant instant) {
		return Objects.requireNonNull(instant, "The instant must not be null");
	}

	private static int requirePriority(int priority) {
		if (priority < 0 || priority > 9) {
			throw new IllegalArgumentException("The priority must be between 0 and 9 but is " + priority);
		}
		return priority;
	}

}
