package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.TaskErrorEvent;

/**
 * Reads a parked task: the notification that one was parked carries its id and nothing
 * else. Thread-safe.
 */
public final class ParkedTaskReader {

	// A row that was parked by hand need not have our mark.
	private static final String READ = """
			SELECT t.id, t.task, left(t.step, {read}) AS step, t.error, t.tried,
				COALESCE(t.parked_at, t.updated_at) AS occurred_at
			FROM {table} t
			WHERE t.id = ? AND t.error IS NOT NULL
			""".replace("{read}", String.valueOf(TaskRow.SHOWN_IN_PAGE));

	private final CallerConnection connection;

	private final String read;

	/**
	 * Create a reader.
	 * @param dataSource where the table is
	 * @param table the table
	 */
	public ParkedTaskReader(DataSource dataSource, TaskTable table) {
		this.connection = new CallerConnection(dataSource);
		this.read = table.sql(READ);
	}

	/**
	 * Read a parked task.
	 * @param id the task's id
	 * @return what happened to it, or empty if it is not parked any more
	 * @throws org.springframework.dao.DataAccessException if the database refuses
	 */
	public Optional<TaskErrorEvent> read(UUID id) {
		Objects.requireNonNull(id, "The task's id must not be null");
		return this.connection.execute("read parked task", this.read, (statement) -> {
			statement.setObject(1, id);
			return read(statement);
		});
	}

	private static Optional<TaskErrorEvent> read(PreparedStatement statement) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			return rows.next() ? Optional.of(event(rows)) : Optional.empty();
		}
	}

	private static TaskErrorEvent event(ResultSet row) throws SQLException {
		return new TaskErrorEvent(row.getObject("id", UUID.class), row.getString("task"),
				StepText.ofBeginning(row.getString("step")).step(), row.getString("error"), row.getInt("tried"),
				row.getObject("occurred_at", OffsetDateTime.class).toInstant());
	}

}
