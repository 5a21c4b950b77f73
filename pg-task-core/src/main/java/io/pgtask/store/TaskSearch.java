package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
import io.pgtask.TaskSelection;
import io.pgtask.TaskState;

/**
 * Finds tasks, newest id first.
 * <p>
 * No index has the order of the ids within a type or state, as every claim would have to
 * maintain it. Two looks take its place. The first one reads the newest rows of the whole
 * table, which suffices where what is sought is frequent. Where it is rare, the second
 * one gets all of it from the indexes of the workers and sorts it.
 */
final class TaskSearch {

	/** What is seldom among the newest rows, and has an index. */
	private static final Set<TaskState> RARE = EnumSet.of(TaskState.RUNNING, TaskState.HELD, TaskState.ERRORED);

	private static final int FETCHED_AT_ONCE = 10_000;

	private static final String WHOLE = """
			SELECT {columns} FROM {table} t WHERE t.id = ?
			""".replace("{columns}", TaskRow.WHOLE_COLUMNS);

	private final CallerConnection connection;

	private final TaskTable table;

	private final String whole;

	TaskSearch(CallerConnection connection, TaskTable table) {
		this.connection = connection;
		this.table = table;
		this.whole = table.sql(WHOLE);
	}

	Optional<TaskInfo> find(UUID id) {
		return this.connection.execute("find task", this.whole, (statement) -> {
			statement.setObject(1, id);
			return TaskRow.readWhole(statement);
		});
	}

	List<TaskInfo> find(TaskQuery query) {
		TaskSelection selection = query.selection();
		if (SelectionFilter.matchesNothing(selection)) {
			return List.of();
		}
		if (selection.tag() != null || selection.uniqueKey() != null
				|| (selection.state() != null && RARE.contains(selection.state()))) {
			return find(SearchStatement.byIndex(query));
		}
		List<TaskInfo> newest = find(SearchStatement.amongNewest(query));
		if (newest.size() == query.limit()) {
			return newest;
		}
		boolean indexed = selection.taskType() != null || selection.state() != null;
		return find(indexed ? SearchStatement.byIndex(query) : SearchStatement.amongAll(query));
	}

	/** The ids of all tasks of a selection. */
	List<UUID> ids(TaskSelection selection) {
		if (SelectionFilter.matchesNothing(selection)) {
			return List.of();
		}
		SearchStatement search = SearchStatement.ids(selection);
		return this.connection.query("select tasks", this.table.sql(search.sql()), (statement) -> {
			statement.setFetchSize(FETCHED_AT_ONCE);
			search.bind(statement);
			return readIds(statement);
		});
	}

	private static List<UUID> readIds(PreparedStatement statement) throws SQLException {
		TaskIdList ids = new TaskIdList();
		try (ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				ids.append(rows.getObject(1, UUID.class));
			}
		}
		return ids;
	}

	/** The number of tasks of a selection. */
	long count(TaskSelection selection) {
		if (SelectionFilter.matchesNothing(selection)) {
			return 0;
		}
		SearchStatement search = SearchStatement.count(selection);
		return this.connection.query("count selected tasks", this.table.sql(search.sql()), (statement) -> {
			search.bind(statement);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getLong(1);
			}
		});
	}

	private List<TaskInfo> find(SearchStatement search) {
		return this.connection.query("find tasks", this.table.sql(search.sql()), (statement) -> {
			search.bind(statement);
			return TaskRow.readPage(statement);
		});
	}

}
