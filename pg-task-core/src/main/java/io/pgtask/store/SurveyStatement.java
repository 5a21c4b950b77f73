package io.pgtask.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Looks, without a lock, at the first task of every type and priority: where is work now,
 * and when will there be some. Types that are paused are left out. It is all that an idle
 * worker asks.
 */
public final class SurveyStatement {

	// To the planner IS NULL is no equality, so that the order has to name the type, too.
	private static final String SURVEY = """
			WITH paused AS MATERIALIZED (
				SELECT p.task FROM {paused} p WHERE p.task = ANY (?::text[])
			)
			SELECT kind.task, level.priority, head.due, statement_timestamp(), false
			FROM (
				SELECT o.task FROM unnest(?::text[]) AS o (task) WHERE NOT EXISTS (
					SELECT FROM paused WHERE paused.task = o.task)
				OFFSET 0
			) kind
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
			SELECT NULL, level.priority, head.due, statement_timestamp(), false
			FROM generate_series(0, 9) AS level (priority)
			CROSS JOIN LATERAL (
				SELECT {due} AS due
				FROM {table} t
				WHERE t.error IS NULL AND t.task IS NULL AND t.priority = level.priority
				ORDER BY t.task, {due}
				LIMIT 1
			) head
			UNION ALL
			SELECT paused.task, NULL, NULL, NULL, true FROM paused
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
	 * @return what was found
	 * @throws SQLException if the database refuses
	 */
	public Survey look(Connection connection, Collection<String> taskTypes, @Nullable Duration back)
			throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement((back != null) ? this.recent : this.sql)) {
			Array types = connection.createArrayOf("text", taskTypes.toArray());
			statement.setArray(1, types);
			statement.setArray(2, types);
			if (back != null) {
				statement.setLong(3, DatabaseTimes.microseconds(back));
			}
			try (ResultSet rows = Planning.query(statement)) {
				return read(rows);
			}
		}
	}

	private static Survey read(ResultSet rows) throws SQLException {
		List<DueHead> heads = new ArrayList<>();
		Set<String> paused = new HashSet<>();
		while (rows.next()) {
			if (rows.getBoolean(5)) {
				paused.add(rows.getString(1));
			}
			else {
				heads.add(new DueHead(rows.getString(1), rows.getInt(2), instant(rows, 3), instant(rows, 4)));
			}
		}
		return new Survey(heads, paused);
	}

	private static Instant instant(ResultSet rows, int column) throws SQLException {
		return rows.getObject(column, OffsetDateTime.class).toInstant();
	}

}
