package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import io.pgtask.EndedTask;
import io.pgtask.HistoryQuery;
import io.pgtask.TaskOutcome;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * The statements that find ended tasks. Every one reads indexes in the order of the ends,
 * and no more than it returns; a tag is sought by its own index.
 */
final class HistorySearch {

	private static final String COLUMNS = """
			t.id, t.task, t.step, t.outcome, {state} AS state, t.error, {failures} AS failures, t.passed, t.tried, t.delivery, t.priority, t.worker,
			t.headers, t.tags, t.unique_key, t.created_at, t.ended_at""";

	/** One task with the whole of its state. Its id may have been used more than once. */
	static final String ONE = """
			SELECT {columns} FROM {history} t WHERE t.id = ? ORDER BY t.ended_at DESC LIMIT 1
			""".replace("{columns}", COLUMNS.replace("{state}", "t.state").replace("{failures}", "t.failures"));

	private static final String PAGE = """
			SELECT {columns}
			FROM {history} t
			WHERE true{filter}
			ORDER BY t.ended_at DESC, t.id DESC
			LIMIT :limit""".replace("{columns}",
			COLUMNS.replace("{state}", "left(t.state, " + (TaskRow.SHOWN_IN_PAGE + 1) + ")")
				.replace("{failures}", "NULL::jsonb"));

	// No index has the order of the ends of all types: every end would have to maintain
	// it.
	private static final String OF_ALL_TYPES = """
			SELECT page.* FROM ({kinds}) kind CROSS JOIN LATERAL (
			{ofOne}
			) page
			UNION ALL
			({ofNone})
			ORDER BY ended_at DESC, id DESC
			LIMIT :limit""";

	/** Outcomes without an index of their own. */
	private static final Set<TaskOutcome> FREQUENT = EnumSet.of(TaskOutcome.DONE, TaskOutcome.UNKNOWN);

	private static final Set<TaskOutcome> KNOWN = EnumSet.complementOf(EnumSet.of(TaskOutcome.UNKNOWN));

	private HistorySearch() {
	}

	/**
	 * Make a query.
	 * @param before the end of the last task of the previous page, or {@code null}
	 */
	static NamedStatement of(HistoryQuery query, @Nullable Instant before) {
		return new NamedStatement(sql(query), parametersOf(query, before));
	}

	private static String sql(HistoryQuery query) {
		boolean indexed = query.taskType() != null || query.tag() != null
				|| (query.outcome() != null && !FREQUENT.contains(query.outcome()));
		if (indexed) {
			return PAGE.replace("{filter}", filterOf(query));
		}
		return OF_ALL_TYPES.replace("{kinds}", TaskKinds.ENDED)
			.replace("{ofOne}", PAGE.replace("{filter}", " AND t.task = kind.task" + filterOf(query)))
			.replace("{ofNone}", PAGE.replace("{filter}", " AND t.task IS NULL" + filterOf(query)));
	}

	private static String filterOf(HistoryQuery query) {
		StringBuilder filter = new StringBuilder();
		if (query.taskType() != null) {
			filter.append(" AND t.task = :type");
		}
		if (query.outcome() == TaskOutcome.UNKNOWN) {
			filter.append(" AND t.outcome <> ALL (:known::text[])");
		}
		else if (query.outcome() != null) {
			// A literal, because the index of all outcomes but one is only used for it
			// then.
			filter.append(" AND t.outcome = '").append(query.outcome().name()).append('\'');
		}
		if (query.tag() != null) {
			filter.append(" AND t.tags @> ARRAY[:tag]::text[]");
		}
		if (query.errorContains() != null) {
			filter.append(" AND strpos(lower(t.error), lower(:error)) > 0");
		}
		if (query.from() != null) {
			filter.append(" AND t.ended_at >= :from::timestamptz");
		}
		if (query.to() != null) {
			filter.append(" AND t.ended_at < :to::timestamptz");
		}
		if (query.before() != null) {
			filter.append(" AND t.ended_at <= :end AND (t.ended_at < :end OR t.id < :before)");
		}
		return filter.toString();
	}

	private static MapSqlParameterSource parametersOf(HistoryQuery query, @Nullable Instant before) {
		MapSqlParameterSource parameters = new MapSqlParameterSource();
		parameters.addValue("type", query.taskType());
		parameters.addValue("tag", query.tag());
		parameters.addValue("error", query.errorContains());
		parameters.addValue("from", Instants.literal(query.from()));
		parameters.addValue("to", Instants.literal(query.to()));
		parameters.addValue("end", timestamp(before));
		parameters.addValue("before", query.before());
		parameters.addValue("limit", query.limit());
		parameters.addValue("known", "{" + String.join(",", KNOWN.stream().map(Enum::name).toList()) + "}");
		return parameters;
	}

	private static @Nullable Object timestamp(@Nullable Instant instant) {
		return (instant != null) ? instant.atOffset(ZoneOffset.UTC) : null;
	}

	static List<EndedTask> readPage(PreparedStatement statement) throws SQLException {
		return read(statement, true);
	}

	static List<EndedTask> readWhole(PreparedStatement statement) throws SQLException {
		return read(statement, false);
	}

	private static List<EndedTask> read(PreparedStatement statement, boolean cut) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			List<EndedTask> page = new ArrayList<>();
			while (rows.next()) {
				page.add(read(rows, cut));
			}
			return page;
		}
	}

	private static EndedTask read(ResultSet row, boolean cut) throws SQLException {
		String state = row.getString("state");
		StepText text = (state == null) ? null : cut ? TaskRow.shown(state) : StepText.of(state);
		return new EndedTask(row.getObject("id", UUID.class), row.getString("task"), row.getString("step"),
				outcome(row.getString("outcome")), (text != null) ? text.state() : null, row.getString("error"),
				FailedAttempts.read(row.getString("failures")), PassedSteps.read(row.getString("passed")),
				row.getInt("tried"), row.getInt("delivery"), row.getInt("priority"), row.getString("worker"),
				TaskHeaders.read(row.getString("headers")), TaskRow.tags(row.getArray("tags")),
				row.getString("unique_key"), TaskRow.instant(row, "created_at"), TaskRow.instant(row, "ended_at"));
	}

	private static TaskOutcome outcome(String name) {
		return KNOWN.stream().filter((outcome) -> outcome.name().equals(name)).findFirst().orElse(TaskOutcome.UNKNOWN);
	}

}
