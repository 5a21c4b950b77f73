package io.pgtask.store;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.TaskAdmin;
import io.pgtask.TaskCount;
import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;

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

	/**
	 * Create an admin.
	 * @param dataSource where the table is
	 * @param table the table
	 * @param wakeups wakes the workers when there is work again
	 */
	public JdbcTaskAdmin(DataSource dataSource, TaskTable table, Wakeups wakeups) {
		CommitStarts commitStarts = new CommitStarts(dataSource, table);
		CallerConnection connection = new CallerConnection(dataSource, commitStarts::release);
		this.search = new TaskSearch(connection, table);
		this.counter = new TaskCounter(connection, table);
		this.actions = new TaskActions(connection, table, wakeups);
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

	@Override
	public ActionResult retry(UUID id) {
		return this.actions.retry(requireId(id));
	}

	@Override
	public ActionResult cancel(UUID id) {
		return this.actions.cancel(requireId(id));
	}

	@Override
	public ActionResult delete(UUID id) {
		return this.actions.delete(requireId(id));
	}

	@Override
	public long deleteTagged(String tag) {
		Objects.requireNonNull(tag, "The tag must not be null");
		return this.actions.endTagged(tag);
	}

	/**
	 * {@inheritDoc} A time in the past means at once; a time is used to the microsecond,
	 * rounded up.
	 * @throws IllegalArgumentException if PostgreSQL has no timestamp that late
	 */
	@Override
	public ActionResult reschedule(UUID id, Instant instant) {
		Objects.requireNonNull(instant, "The instant must not be null");
		return this.actions.reschedule(requireId(id), instant);
	}

	private static UUID requireId(UUID id) {
		return Objects.requireNonNull(id, "The task's id must not be null");
	}

}
