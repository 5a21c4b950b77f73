package io.pgtask.store;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.EndedTask;
import io.pgtask.HistoryQuery;
import io.pgtask.TaskHistory;

/**
 * Finds the records of ended tasks by SQL. Thread-safe.
 */
public final class JdbcTaskHistory implements TaskHistory {

	private final CallerConnection connection;

	private final TaskTable table;

	private final String one;

	/**
	 * Create a history.
	 * @param dataSource where the tables are
	 * @param table the table of the tasks
	 */
	public JdbcTaskHistory(DataSource dataSource, TaskTable table) {
		this.connection = new CallerConnection(dataSource);
		this.table = table;
		this.one = table.sql(HistorySearch.ONE);
	}

	/**
	 * {@inheritDoc} A page shows at most the first 10,000 characters of a state that was
	 * kept, and {@link #find(UUID)} all of it.
	 */
	@Override
	public List<EndedTask> find(HistoryQuery query) {
		Objects.requireNonNull(query, "The query must not be null; use HistoryQuery.all() to find all ended tasks");
		if (DatabaseText.cannotMatch(query.taskType()) || DatabaseText.cannotMatch(query.tag())
				|| DatabaseText.cannotMatch(query.errorContains())) {
			return List.of();
		}
		if (query.before() == null) {
			return find(HistorySearch.of(query, null));
		}
		Optional<Instant> end = find(query.before()).map(EndedTask::endedAt);
		return end.map((before) -> find(HistorySearch.of(query, before))).orElse(List.of());
	}

	private List<EndedTask> find(NamedStatement query) {
		return this.connection.query("find ended tasks", this.table.sql(query.sql()), (statement) -> {
			query.bind(statement);
			return HistorySearch.readPage(statement);
		});
	}

	@Override
	public Optional<EndedTask> find(UUID id) {
		Objects.requireNonNull(id, "The task's id must not be null");
		return this.connection.query("find ended task", this.one, (statement) -> {
			statement.setObject(1, id);
			return HistorySearch.readWhole(statement).stream().findFirst();
		});
	}

}
