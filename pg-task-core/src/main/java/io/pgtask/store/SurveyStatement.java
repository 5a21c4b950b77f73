package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Looks, without a lock, at the first task of every type and priority: where is work now,
 * and when will there be some. It is all that an idle worker asks.
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
					AND {due} >= {floor}
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

	private static final String EVERYTHING = "'-infinity'";

	private static final String RECENT = "statement_timestamp() - ? * interval '1 microsecond'";

	private final String sql;

	private final String recent;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public SurveyStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(SURVEY.replace("{floor}", EVERYTHING)));
		this.recent = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(SURVEY.replace("{floor}", RECENT)));
	}

	/**
	 * Look at the first task of every type and priority.
	 * @param connection a connection
	 * @param taskTypes the persisted names of the task types
	 * @param back how long ago the tasks have become due at most that are looked at, or
	 * {@code null} to look at all; rows without a type are always looked at
	 * @return what was found; nothing for an empty range
	 * @throws SQLException if the database refuses
	 */
	public List<DueHead> look(Connection connection, Collection<String> taskTypes, @Nullable Duration back)
			throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement((back != null) ? this.recent : this.sql)) {
			statement.setArray(1, connection.createArrayOf("text", taskTypes.toArray()));
			if (back != null) {
				statement.setLong(2, DatabaseTimes.microseconds(back));
			}
			try (ResultSet rows = Planning.query(statement)) {
				List<DueHead> heads = new ArrayList<>();
				while (rows.next()) {
					heads.add(new DueHead(rows.getString(1), rows.getInt(2), instant(rows, 3), instant(rows, 4)));
				}
				return heads;
			}
		}
	}

	private static Instant instant(ResultSet rows, int column) throws SQLException {
		return rows.getObject(column, OffsetDateTime.class).toInstant();
	}

}
