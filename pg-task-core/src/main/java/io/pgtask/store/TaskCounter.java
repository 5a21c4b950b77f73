package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

import io.pgtask.TaskCount;
import io.pgtask.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * Counts tasks by type and state in one statement. A count stops at 10,000, and looks at
 * little more than the rows it counts, whatever else the table holds.
 */
final class TaskCounter {

	private static final int MOST = 10_000;

	// One index range for each priority, as in a claim: the due rows and the others are
	// then ranges of their own, and a million of these do not stand in the way of those.
	// The order keeps the planner from looking for the first 10,000 elsewhere.
	private static final String LIVE = """
			(SELECT count(*) FROM (
				SELECT
				FROM generate_series(0, 9) AS level (priority)
				CROSS JOIN LATERAL (
					SELECT
					FROM {table} t
					WHERE t.error IS NULL AND t.task {is} AND t.priority = level.priority
						AND {due} {range} statement_timestamp() AND NOT {leased} AND t.hold IS NULL
					ORDER BY {due}
					LIMIT {most}
				) ranged
				LIMIT {most}
			) counted)""".replace("{due}", Due.EXPRESSION).replace("{leased}", TaskRow.LEASED);

	private static final String READY = LIVE.replace("{range}", "<=");

	private static final String SCHEDULED = LIVE.replace("{range}", ">");

	private static final String OLDEST_READY = """
			(SELECT min(head.due)
			FROM generate_series(0, 9) AS level (priority)
			CROSS JOIN LATERAL (
				SELECT {due} AS due
				FROM {table} t
				WHERE t.error IS NULL AND t.task {is} AND t.priority = level.priority
				ORDER BY {due}
				LIMIT 1
			) head)""".replace("{due}", Due.EXPRESSION);

	private static final String HELD = """
			(SELECT count(*) FROM (
				SELECT
				FROM {table} t
				WHERE t.hold IS NOT NULL AND t.error IS NULL AND t.task {is} AND NOT {leased}
				ORDER BY t.id
				LIMIT {most}
			) counted)""".replace("{leased}", TaskRow.LEASED);

	private static final String ERRORED = """
			(SELECT count(*) FROM (
				SELECT FROM {table} t WHERE t.error IS NOT NULL AND t.task {is} ORDER BY t.id LIMIT {most}
			) counted)""";

	/** The rows whose text names no type are at the end of both indexes. */
	private static final String OF_EACH_TYPE = """
			SELECT kind.task, '{state}' AS state, {count} AS tasks, {oldest} AS oldest FROM {kinds} kind
			UNION ALL
			SELECT NULL, '{state}', {countOfNoType}, {oldestOfNoType}
			""";

	// By the index of claimed rows, which are as many as there are slots in the workers.
	private static final String RUNNING = """
			SELECT t.task, 'RUNNING', LEAST(count(*), {most}), NULL
			FROM {table} t
			WHERE t.error IS NULL AND {leased}
			GROUP BY t.task
			""".replace("{leased}", TaskRow.LEASED);

	private static final String COUNTS = """
			WITH live (task) AS MATERIALIZED ({live}), errored (task) AS MATERIALIZED ({errored})
			SELECT counts.task, counts.state, counts.tasks, counts.oldest, statement_timestamp() AS now
			FROM (
				{counts}
			) counts
			WHERE counts.tasks > 0
			ORDER BY counts.task, counts.state
			""".replace("{live}", TaskKinds.LIVE)
		.replace("{errored}", TaskKinds.ERRORED)
		.replace("{counts}",
				String.join("UNION ALL\n", ofEachType(TaskState.READY, READY, OLDEST_READY, "live"),
						ofEachType(TaskState.SCHEDULED, SCHEDULED, "NULL::timestamptz", "live"),
						ofEachType(TaskState.HELD, HELD, "NULL::timestamptz", "live"), RUNNING,
						ofEachType(TaskState.ERRORED, ERRORED, "NULL::timestamptz", "errored")))
		.replace("{most}", String.valueOf(MOST));

	private final CallerConnection connection;

	private final String sql;

	TaskCounter(CallerConnection connection, TaskTable table) {
		this.connection = connection;
		this.sql = table.sql(COUNTS);
	}

	List<TaskCount> count() {
		return this.connection.query("count tasks", this.sql, TaskCounter::read);
	}

	/** The statement, for a look at its plan. */
	String sql() {
		return this.sql;
	}

	private static List<TaskCount> read(PreparedStatement statement) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			List<TaskCount> counts = new ArrayList<>();
			while (rows.next()) {
				counts.add(new TaskCount(rows.getString("task"), TaskState.valueOf(rows.getString("state")),
						rows.getLong("tasks"), age(rows)));
			}
			return counts;
		}
	}

	/** Subtracted here because the server refuses to subtract from {@code infinity}. */
	private static @Nullable Duration age(ResultSet row) throws SQLException {
		OffsetDateTime oldest = row.getObject("oldest", OffsetDateTime.class);
		return (oldest != null) ? Duration.between(oldest, row.getObject("now", OffsetDateTime.class)) : null;
	}

	private static String ofEachType(TaskState state, String count, String oldest, String kinds) {
		return OF_EACH_TYPE.replace("{state}", state.name())
			.replace("{count}", count.replace("{is}", "= kind.task"))
			.replace("{oldest}", oldest.replace("{is}", "= kind.task"))
			.replace("{countOfNoType}", count.replace("{is}", "IS NULL"))
			.replace("{oldestOfNoType}", oldest.replace("{is}", "IS NULL"))
			.replace("{kinds}", kinds);
	}

}
