package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.DeadTask;
import io.pgtask.DeadTaskQuery;
import io.pgtask.DeadTasks;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Finds dead tasks and moves them back by SQL. Workers are woken when that is committed.
 * Thread-safe.
 */
public final class JdbcDeadTasks implements DeadTasks {

	private static final String DELETE = """
			WITH ended AS (
				DELETE FROM {dead} d
				WHERE d.id = (SELECT p.id FROM {dead} p WHERE p.id = ? FOR UPDATE SKIP LOCKED)
				RETURNING d.*, NULL::text AS last_error
			){recorded}
			SELECT count(*) FROM ended
			""";

	private final CallerConnection connection;

	private final TaskTable table;

	private final Wakeups wakeups;

	private final String one;

	private final String delete;

	/**
	 * Create it.
	 * @param dataSource where the tables are
	 * @param table the table of the tasks
	 * @param wakeups wakes the workers when there is work again
	 */
	public JdbcDeadTasks(DataSource dataSource, TaskTable table, Wakeups wakeups) {
		this.connection = new CallerConnection(dataSource);
		this.table = table;
		this.wakeups = wakeups;
		this.one = table.sql(DeadSearch.ONE);
		this.delete = table
			.sql(DELETE.replace("{recorded}", new EndRecord(table).byOther(TaskOutcome.DELETED, "ended")));
	}

	/**
	 * {@inheritDoc} A page shows at most the first 10,000 characters of a state, and
	 * {@link #find(UUID)} all of it.
	 */
	@Override
	public List<DeadTask> find(DeadTaskQuery query) {
		if (DeadSearch.cannotMatch(requireQuery(query))) {
			return List.of();
		}
		NamedStatement page = DeadSearch.page(query);
		return this.connection.execute("find dead tasks", this.table.sql(page.sql()), (statement) -> {
			page.bind(statement);
			return DeadSearch.readPage(statement);
		});
	}

	@Override
	public Optional<DeadTask> find(UUID id) {
		requireId(id);
		return this.connection.execute("find dead task", this.one, (statement) -> {
			statement.setObject(1, id);
			return DeadSearch.readWhole(statement).stream().findFirst();
		});
	}

	@Override
	public long count(DeadTaskQuery query) {
		if (DeadSearch.cannotMatch(requireQuery(query))) {
			return 0;
		}
		NamedStatement count = DeadSearch.count(query);
		return this.connection.execute("count dead tasks", this.table.sql(count.sql()), (statement) -> {
			count.bind(statement);
			return single(statement);
		});
	}

	@Override
	public ActionResult redrive(UUID id) {
		requireId(id);
		Moved moved = redrive(DeadSearch.redrive(id));
		if (moved.picked() == 0) {
			return find(id).isPresent() ? ActionResult.RUNNING : ActionResult.NOT_FOUND;
		}
		return (moved.back() > 0) ? ActionResult.DONE : ActionResult.NOT_APPLICABLE;
	}

	/**
	 * {@inheritDoc} Outside of a transaction every thousand tasks are moved in one of
	 * their own, so that what was moved stays moved if the database fails.
	 */
	@Override
	public long redrive(DeadTaskQuery query) {
		if (DeadSearch.cannotMatch(requireQuery(query))) {
			return 0;
		}
		long back = 0;
		Moved moved = redrive(DeadSearch.redrive(query, null));
		back += moved.back();
		while (moved.picked() == DeadSearch.BATCH) {
			moved = redrive(DeadSearch.redrive(query, moved.last()));
			back += moved.back();
		}
		return back;
	}

	private Moved redrive(NamedStatement redrive) {
		return this.connection.executeInTransaction("redrive dead tasks", (connection) -> move(connection, redrive),
				(moved, committed) -> {
					if (moved.back() > 0) {
						CommitWakeup.request(this.wakeups, committed);
					}
				});
	}

	private Moved move(Connection connection, NamedStatement redrive) throws SQLException {
		try (PreparedStatement statement = this.connection.prepare(connection, this.table.sql(redrive.sql()))) {
			redrive.bind(statement);
			int picked = 0;
			int back = 0;
			UUID last = null;
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					picked++;
					back += rows.getBoolean(2) ? 1 : 0;
					last = rows.getObject(1, UUID.class);
				}
			}
			return new Moved(picked, back, last);
		}
	}

	@Override
	public ActionResult delete(UUID id) {
		requireId(id);
		long deleted = this.connection.execute("delete dead task", this.delete, (statement) -> {
			statement.setObject(1, id);
			return single(statement);
		});
		if (deleted > 0) {
			return ActionResult.DONE;
		}
		return find(id).isPresent() ? ActionResult.RUNNING : ActionResult.NOT_FOUND;
	}

	private static long single(PreparedStatement statement) throws SQLException {
		try (ResultSet row = statement.executeQuery()) {
			row.next();
			return row.getLong(1);
		}
	}

	private static UUID requireId(UUID id) {
		return Objects.requireNonNull(id, "The task's id must not be null");
	}

	private static DeadTaskQuery requireQuery(DeadTaskQuery query) {
		return Objects.requireNonNull(query, "The query must not be null; use DeadTaskQuery.all() for all dead tasks");
	}

	/**
	 * What became of a batch.
	 *
	 * @param picked how many tasks there were
	 * @param back how many of them were moved back
	 * @param last the greatest id, or {@code null} if there were none
	 */
	private record Moved(int picked, int back, @Nullable UUID last) {

	}

}
