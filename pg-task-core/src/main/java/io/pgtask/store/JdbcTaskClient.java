package io.pgtask.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import javax.sql.DataSource;

import io.pgtask.OnConflict;
import io.pgtask.TaskClient;
import io.pgtask.TaskEnd;
import io.pgtask.TaskHeadersContributor;
import io.pgtask.TaskOptions;
import io.pgtask.codec.StepCodec;

/**
 * Enqueues tasks by one {@code INSERT} each, or more where unique keys are in conflict.
 * It joins the running Spring transaction of its data source. When that is committed, a
 * worker of this JVM starts the task directly, or workers are woken, and by nothing the
 * caller would have to wait for. Thread-safe.
 * <p>
 * Ids are UUIDs of version 7, so that they sort by the time they were made. The clock of
 * this machine goes into the id and nowhere else: every due time is computed by the
 * database.
 */
public final class JdbcTaskClient implements TaskClient {

	private final CallerConnection connection;

	private final TaskFactory factory;

	private final KeyedInsert keyedInsert;

	private final BulkInsert bulkInsert;

	private final Reservations reservations;

	private final TaskWaits waits;

	private final ClientParts parts;

	/**
	 * Create a client that cannot wait for the end of a task.
	 * @param dataSource where the table is
	 * @param table the table
	 * @param codec writes the states
	 * @param contributors add headers to every task
	 * @param wakeups wakes the workers
	 */
	public JdbcTaskClient(DataSource dataSource, TaskTable table, StepCodec codec,
			List<TaskHeadersContributor> contributors, Wakeups wakeups) {
		this(dataSource, table, codec, contributors, wakeups, TaskEnds.untold());
	}

	/**
	 * Create a client whose tasks are all claimed.
	 * @param dataSource where the table is
	 * @param table the table
	 * @param codec writes the states
	 * @param contributors add headers to every task
	 * @param wakeups wakes the workers
	 * @param ends tells when tasks end
	 */
	public JdbcTaskClient(DataSource dataSource, TaskTable table, StepCodec codec,
			List<TaskHeadersContributor> contributors, Wakeups wakeups, TaskEnds ends) {
		this(dataSource, table, codec, contributors, wakeups, ends, new DirectStarts());
	}

	/**
	 * Create a client.
	 * @param dataSource where the table is
	 * @param table the table
	 * @param codec writes the states
	 * @param contributors add headers to every task
	 * @param wakeups wakes the workers
	 * @param ends tells when tasks end
	 * @param directStarts knows the workers of this JVM that start tasks directly
	 */
	public JdbcTaskClient(DataSource dataSource, TaskTable table, StepCodec codec,
			List<TaskHeadersContributor> contributors, Wakeups wakeups, TaskEnds ends, DirectStarts directStarts) {
		this.connection = new CallerConnection(dataSource);
		this.factory = new TaskFactory(codec, contributors);
		this.keyedInsert = new KeyedInsert(this.connection, table);
		this.bulkInsert = new BulkInsert(this.connection, table, this.keyedInsert);
		this.reservations = new Reservations(this.connection, table, this.keyedInsert);
		this.waits = new TaskWaits(dataSource, ends);
		this.parts = new ClientParts(new TaskInsert(table), wakeups, directStarts, new CommitStarts(dataSource, table),
				new GiveBacks(dataSource, table, wakeups));
	}

	@Override
	public UUID enqueue(Object state) {
		return enqueue(state, TaskOptions.DEFAULT);
	}

	/**
	 * {@inheritDoc} A delay of more than 200,000 years counts as 200,000 years.
	 */
	@Override
	public UUID delay(Object state, Duration delay) {
		return enqueue(state, TaskOptions.DEFAULT.withDelay(delay));
	}

	/**
	 * {@inheritDoc} It is used to the microsecond, rounded up.
	 * @throws IllegalArgumentException if PostgreSQL has no timestamp that late
	 */
	@Override
	public UUID schedule(Object state, Instant instant) {
		Objects.requireNonNull(instant, "The instant must not be null; use enqueue(state) to run at once");
		return enqueue(state, TaskOptions.DEFAULT.withDueAt(instant));
	}

	/**
	 * {@inheritDoc} Times are used to the microsecond, rounded up; a duration of more
	 * than 200,000 years counts as 200,000 years.
	 * @throws IllegalArgumentException if PostgreSQL has no timestamp as late as one of
	 * the instants
	 */
	@Override
	public UUID enqueue(Object state, TaskOptions options) {
		NewTask task = this.factory.create(state, options);
		return task.isKeyed() ? insertKeyed(task) : insert(task, false);
	}

	private UUID insert(NewTask task, boolean awaited) {
		return this.connection.execute("enqueue task", new TaskWrite(this.parts, task, awaited));
	}

	private UUID insertKeyed(NewTask task) {
		return this.connection.executeInTransaction("enqueue task",
				(connection) -> this.keyedInsert.insert(connection, List.of(task), null).get(0), this::wake);
	}

	@Override
	public List<UUID> enqueueAll(Iterable<?> states, TaskOptions options) {
		Objects.requireNonNull(states, "The states must not be null");
		if (options.id() != null) {
			throw new IllegalArgumentException("Options for many tasks cannot have the id " + options.id()
					+ "; give each task its own by a TaskRequest");
		}
		Iterator<NewTask> tasks = this.factory.createAll(states.iterator(), options);
		return this.connection.executeInTransaction("enqueue tasks",
				(connection) -> this.bulkInsert.insert(connection, tasks), this::wakeForAny);
	}

	/**
	 * {@inheritDoc} A time of more than 200,000 years counts as 200,000 years.
	 */
	@Override
	public UUID reserve(Object state, TaskOptions options, Duration confirmWithin) {
		NewTask task = this.factory.create(state, options);
		if (task.isKeyed() && options.onConflict() == OnConflict.REPLACE) {
			throw new IllegalArgumentException("A reservation cannot replace the task with the unique key '"
					+ options.uniqueKey() + "', which was promised to run; use OnConflict.KEEP or REJECT");
		}
		Objects.requireNonNull(confirmWithin, "The time to confirm must not be null");
		if (confirmWithin.isNegative() || confirmWithin.isZero()) {
			throw new IllegalArgumentException("The time to confirm must be more than zero but is " + confirmWithin);
		}
		return this.connection.executeInTransaction("reserve task",
				(connection) -> this.reservations.reserve(connection, task, confirmWithin), (id, committed) -> {
				});
	}

	@Override
	public Set<UUID> confirmAll(Collection<UUID> ids) {
		List<UUID> copy = List.copyOf(Objects.requireNonNull(ids, "The tasks' ids must not be null"));
		return this.connection.executeInTransaction("confirm tasks",
				(connection) -> this.reservations.confirm(connection, copy), this::wakeForAny);
	}

	@Override
	public TaskEnd enqueueAndAwait(Object state, Duration timeout) throws InterruptedException {
		NewTask task = this.factory.create(state, TaskOptions.DEFAULT);
		return this.waits.await(task.id(), () -> insert(task, true), timeout);
	}

	@Override
	public TaskEnd await(UUID id, Duration timeout) throws InterruptedException {
		return this.waits.await(requireId(id), timeout);
	}

	@Override
	public CompletableFuture<TaskEnd> whenEnded(UUID id) {
		return this.waits.whenEnded(requireId(id));
	}

	private static UUID requireId(UUID id) {
		return Objects.requireNonNull(id, "The task's id must not be null");
	}

	private void wakeForAny(Collection<UUID> tasks, boolean committed) {
		if (!tasks.isEmpty()) {
			wake(tasks, committed);
		}
	}

	private void wake(Object inserted, boolean committed) {
		CommitWakeup.request(this.parts.wakeups(), committed);
	}

}
