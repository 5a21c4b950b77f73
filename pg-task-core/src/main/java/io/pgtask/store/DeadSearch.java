package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.pgtask.DeadTask;
import io.pgtask.DeadTaskQuery;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * The statements that find dead tasks and move them back. Nobody but operators touches
 * their table, so that reading all of it is no harm.
 */
final class DeadSearch {

	/** How many tasks are moved by one statement. */
	static final int BATCH = 1000;

	private static final String COLUMNS = """
			d.id, d.task, {step} AS step, d.error, {failures} AS failures, d.tried, d.delivery, d.priority, d.headers, d.tags, d.unique_key,
			d.created_at, d.parked_at, d.moved_at""";

	/** One task with the whole of its state. */
	static final String ONE = "SELECT {columns} FROM {dead} d WHERE d.id = ?".replace("{columns}",
			COLUMNS.replace("{step}", "d.step").replace("{failures}", "d.failures"));

	private static final String PAGE = """
			SELECT {columns} FROM {dead} d WHERE true{filter} ORDER BY d.id DESC LIMIT :limit
			""".replace("{columns}", COLUMNS.replace("{step}", "left(d.step, " + (TaskRow.SHOWN_IN_PAGE + 1) + ")")
		.replace("{failures}", "NULL::jsonb"));

	private static final String COUNT = "SELECT count(*) FROM {dead} d WHERE true{filter}";

	// Whoever has the unique key or the id keeps it, and the dead task stays where it is.
	private static final String REDRIVE = """
			WITH picked AS MATERIALIZED (
				SELECT d.id FROM {dead} d WHERE true{filter} ORDER BY d.id LIMIT :batch FOR UPDATE SKIP LOCKED
			), back AS (
				INSERT INTO {table} (id, step, priority, headers, tags, unique_key, failures, passed, created_at, wakeup_at, updated_at,
					quiet)
				SELECT d.id, d.step, d.priority, d.headers, d.tags, d.unique_key, d.failures, d.passed, d.created_at,
					statement_timestamp(), statement_timestamp(), true
				FROM {dead} d
				WHERE d.id = ANY (ARRAY(SELECT picked.id FROM picked))
				ORDER BY d.task, d.unique_key
				ON CONFLICT DO NOTHING
				RETURNING id
			), removed AS (
				DELETE FROM {dead} d WHERE d.id = ANY (ARRAY(SELECT back.id FROM back))
			)
			SELECT picked.id, back.id IS NOT NULL
			FROM picked LEFT JOIN back ON back.id = picked.id
			ORDER BY picked.id
			""";

	private DeadSearch() {
	}

	static NamedStatement page(DeadTaskQuery query) {
		MapSqlParameterSource parameters = parametersOf(query);
		parameters.addValue("limit", query.limit());
		parameters.addValue("before", query.before());
		return new NamedStatement(
				PAGE.replace("{filter}", filterOf(query) + ((query.before() != null) ? " AND d.id < :before" : "")),
				parameters);
	}

	static NamedStatement count(DeadTaskQuery query) {
		return new NamedStatement(COUNT.replace("{filter}", filterOf(query)), parametersOf(query));
	}

	/**
	 * Move a batch back.
	 * @param after the last id of the previous batch, or {@code null}
	 */
	static NamedStatement redrive(DeadTaskQuery query, @Nullable UUID after) {
		MapSqlParameterSource parameters = parametersOf(query);
		parameters.addValue("batch", BATCH);
		parameters.addValue("after", after);
		return new NamedStatement(
				REDRIVE.replace("{filter}", filterOf(query) + ((after != null) ? " AND d.id > :after" : "")),
				parameters);
	}

	static NamedStatement redrive(UUID id) {
		return new NamedStatement(REDRIVE.replace("{filter}", " AND d.id = :id"),
				new MapSqlParameterSource("id", id).addValue("batch", 1));
	}

	private static String filterOf(DeadTaskQuery query) {
		StringBuilder filter = new StringBuilder();
		append(filter, query.taskType(), " AND d.task = :type");
		append(filter, query.step(), " AND {stepName}(d.step) = :step");
		append(filter, query.tag(), " AND d.tags @> ARRAY[:tag]::text[]");
		append(filter, query.errorContains(), " AND strpos(lower(d.error), lower(:error)) > 0");
		append(filter, query.parkedBefore(), " AND d.parked_at < :parkedBefore::timestamptz");
		return filter.toString();
	}

	private static void append(StringBuilder filter, @Nullable Object part, String condition) {
		if (part != null) {
			filter.append(condition);
		}
	}

	private static MapSqlParameterSource parametersOf(DeadTaskQuery query) {
		MapSqlParameterSource parameters = new MapSqlParameterSource();
		parameters.addValue("type", query.taskType());
		parameters.addValue("step", query.step());
		parameters.addValue("tag", query.tag());
		parameters.addValue("error", query.errorContains());
		parameters.addValue("parkedBefore", Instants.literal(query.parkedBefore()));
		return parameters;
	}

	static boolean cannotMatch(DeadTaskQuery query) {
		return DatabaseText.cannotMatch(query.taskType()) || DatabaseText.cannotMatch(query.step())
				|| DatabaseText.cannotMatch(query.tag()) || DatabaseText.cannotMatch(query.errorContains());
	}

	static List<DeadTask> readPage(PreparedStatement statement) throws SQLException {
		return read(statement, true);
	}

	static List<DeadTask> readWhole(PreparedStatement statement) throws SQLException {
		return read(statement, false);
	}

	private static List<DeadTask> read(PreparedStatement statement, boolean cut) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			List<DeadTask> page = new ArrayList<>();
			while (rows.next()) {
				String text = rows.getString("step");
				page.add(read(rows, cut ? TaskRow.shown(text) : StepText.of(text)));
			}
			return page;
		}
	}

	private static DeadTask read(ResultSet row, StepText text) throws SQLException {
		return new DeadTask(row.getObject("id", UUID.class), row.getString("task"), text.step(), text.state(),
				row.getString("error"), FailedAttempts.read(row.getString("failures")), row.getInt("tried"),
				row.getInt("delivery"), row.getInt("priority"), TaskHeaders.read(row.getString("headers")),
				TaskRow.tags(row.getArray("tags")), row.getString("unique_key"), TaskRow.instant(row, "created_at"),
				TaskRow.instant(row, "parked_at"), TaskRow.instant(row, "moved_at"));
	}

}
