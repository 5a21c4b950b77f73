package io.pgtask.store;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.pgtask.TaskInfo;
import io.pgtask.TaskQuery;
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
		if (DatabaseText.cannotMatch(query.taskType()) || DatabaseText.cannotMatch(query.step())
				|| DatabaseText.cannotMatch(query.tag())) {
			return List.of();
		}
		if (query.tag() != null || (query.state() != null && RARE.contains(query.state()))) {
			return find(SearchStatement.byIndex(query));
		}
		List<TaskInfo> newest = find(SearchStatement.amongNewest(query));
		if (newest.size() == query.limit()) {
			return newest;
		}
		boolean indexed = query.taskType() != null || query.state() != null;
		return find(indexed ? SearchStatement.byIndex(query) : SearchStatement.amongAll(query));
	}

	private List<TaskInfo> find(SearchStatement search) {
		return this.connection.query("find tasks", this.table.sql(search.sql()), (statement) -> {
			search.bind(statement);
			return TaskRow.readPage(statement);
		});
	}

}
