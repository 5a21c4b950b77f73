package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Looks, without a lock and without a floor, at the first task of every type and
 * priority: where is work now, and when will there be some. It is all that an idle worker
 * asks.
 */
public final class SurveyStatement {

	// To the planner IS NULL is no equality, so that the order has to name the type, too.
	private static final String SURVEY = """
			SELECT kind.task, level.priority, head.due, statement_timestamp()
			FROM unnest(?::text[]) AS kind (task)
			CROSS JOIN generate_series(0, 9) AS level (priority)
			CROSS JOIN LATERAL (
				SELECT {due} AS due
				FROM {table} t
				WHERE t.error IS NULL AND t.task = kind.task AND t.priority = level.priority
				ORDER BY {due}
				LIMIT 1
			) head
			UNION ALL
			SELECT NULL, level.priority, head.due, statement_timestamp()
			FROM generate_series(0, 9) AS level (priority)
			CROSS JOIN LATERAL (
				SELECT {due} AS due
				FROM {table} t
				WHERE t.error IS NULL AND t.task IS NULL AND t.priority = level.priority
				ORDER BY t.task, {due}
				LIMIT 1
			) head
			""".replace("{due}", Due.EXPRESSION);

	private final String sql;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public SurveyStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(SURVEY));
	}

	/**
	 * Look at the first task of every type and priority.
	 * @param connection a connection
	 * @param taskTypes the persisted names of the task types
	 * @return what was found; nothing for an empty range
	 * @throws SQLException if the database refuses
	 */
	public List<DueHead> look(Connection connection, Collection<String> taskTypes) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			statement.setArray(1, connection.createArrayOf("text", taskTypes.toArray()));
			try (ResultSet rows = Planning.query(statement)) {
				List<DueHead> heads = new ArrayList<>();
				while (rows.next()) {
					heads.add(new DueHead(rows.getString(1), rows.getInt(2), dueIn(rows)));
				}
				return heads;
			}
		}
	}

	/** Subtracted here because the server refuses to subtract from {@code infinity}. */
	private static Duration dueIn(ResultSet rows) throws SQLException {
		return Duration.between(rows.getObject(4, OffsetDateTime.class), rows.getObject(3, OffsetDateTime.class));
	}

}
