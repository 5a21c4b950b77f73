package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * Looks whether an operator asks something of a worker that is busy: the end of a task it
 * holds, or a pause.
 */
public final class RequestStatement {

	private static final String LOOK = """
			SELECT t.id, t.locked_by, NULL AS paused
			FROM {table} t
			WHERE t.id = ANY (?::uuid[]) AND t.cancel_requested_at IS NOT NULL AND t.locked_by IS NOT NULL
			UNION ALL
			SELECT NULL, NULL, p.task
			FROM {paused} p
			WHERE p.task = ANY (?::text[])
			""";

	private final String sql;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public RequestStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_IDS, table.sql(LOOK));
	}

	/**
	 * Look once.
	 * @param connection a connection
	 * @param ids the ids of the tasks the worker holds
	 * @param taskTypes the persisted names of its task types
	 * @return what is asked
	 * @throws SQLException if the database refuses
	 */
	public Requests look(Connection connection, Collection<UUID> ids, Collection<String> taskTypes)
			throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			UuidArray.set(statement, 1, ids);
			statement.setArray(2, connection.createArrayOf("text", taskTypes.toArray()));
			try (ResultSet rows = Planning.query(statement)) {
				return read(rows);
			}
		}
	}

	private static Requests read(ResultSet rows) throws SQLException {
		Set<ClaimKey> cancelled = new HashSet<>();
		Set<String> paused = new HashSet<>();
		while (rows.next()) {
			String taskType = rows.getString(3);
			if (taskType != null) {
				paused.add(taskType);
			}
			else {
				cancelled.add(new ClaimKey(rows.getObject(1, UUID.class), rows.getObject(2, UUID.class)));
			}
		}
		return new Requests(cancelled, paused);
	}

	/**
	 * What operators ask.
	 *
	 * @param cancelled the claims whose task is to end
	 * @param paused those of the task types that are paused
	 */
	public record Requests(Set<ClaimKey> cancelled, Set<String> paused) {
	}

}
