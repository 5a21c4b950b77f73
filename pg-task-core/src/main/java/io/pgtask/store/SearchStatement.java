package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;

import io.pgtask.TaskQuery;
import io.pgtask.TaskState;

import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * A statement that finds a page of tasks. Its text depends on which parts a query has,
 * and never on what they are.
 */
final class SearchStatement {

	/** Reading as many rows takes some milliseconds. */
	private static final int NEWEST = 2000;

	private static final String AMONG_ALL = """
			SELECT {columns}
			FROM {table} t
			WHERE true{filter}
			ORDER BY t.id DESC
			LIMIT :limit
			""".replace("{columns}", TaskRow.PAGE_COLUMNS);

	private static final String AMONG_NEWEST = """
			SELECT {columns}
			FROM (SELECT * FROM {table} t WHERE true{before} ORDER BY t.id DESC LIMIT {newest}) t
			WHERE true{filter}
			ORDER BY t.id DESC
			LIMIT :limit
			""".replace("{columns}", TaskRow.PAGE_COLUMNS).replace("{newest}", String.valueOf(NEWEST));

	private static final String BY_INDEX = """
			SELECT {columns}
			FROM {table} t
			WHERE t.id = ANY (ARRAY(SELECT found.id FROM ({found}) found ORDER BY found.id DESC LIMIT :limit))
			ORDER BY t.id DESC
			""".replace("{columns}", TaskRow.PAGE_COLUMNS);

	// OFFSET 0 keeps the planner from walking along the primary key instead, in the
	// hope that the page will soon be full.
	private static final String LIVE = """
			SELECT ranged.id
			FROM generate_series(0, 9) AS level (priority)
			CROSS JOIN LATERAL (
				SELECT t.id
				FROM {table} t
				WHERE t.error IS NULL AND t.task {is} AND t.priority = level.priority{filter}
				OFFSET 0
			) ranged""";

	private static final String RUNNING = """
			SELECT t.id FROM {table} t WHERE t.error IS NULL AND {leased}{filter} OFFSET 0""".replace("{leased}",
			TaskRow.LEASED);

	private static final String ERRORED = """
			(SELECT t.id FROM {table} t WHERE t.error IS NOT NULL AND t.task {is}{filter} ORDER BY t.id DESC LIMIT :limit)""";

	private static final String HELD = """
			(SELECT t.id FROM {table} t
			WHERE t.hold IS NOT NULL AND t.error IS NULL AND NOT {leased} AND t.task {is}{filter}
			ORDER BY t.id DESC LIMIT :limit)""".replace("{leased}", TaskRow.LEASED);

	private static final String TAGGED = """
			SELECT t.id FROM {table} t WHERE t.tags @> ARRAY[:tag]::text[]{filter} OFFSET 0""";

	private static final String OF_ANY_TYPE = """
			SELECT one.id FROM ({kinds}) kind CROSS JOIN LATERAL ({ofOne}) one
			UNION ALL
			{ofNone}""";

	private static final String IS_READY = " AND {due} <= statement_timestamp() AND t.hold IS NULL".replace("{due}",
			Due.EXPRESSION);

	private static final String IS_SCHEDULED = " AND {due} > statement_timestamp() AND NOT {leased} AND t.hold IS NULL"
		.replace("{due}", Due.EXPRESSION)
		.replace("{leased}", TaskRow.LEASED);

	private final NamedQuery query;

	private SearchStatement(String sql, TaskQuery query) {
		this.query = new NamedQuery(sql, parametersOf(query));
	}

	static SearchStatement amongAll(TaskQuery query) {
		return new SearchStatement(AMONG_ALL.replace("{filter}", filterOf(query)), query);
	}

	static SearchStatement amongNewest(TaskQuery query) {
		return new SearchStatement(
				AMONG_NEWEST.replace("{filter}", filterOf(query)).replace("{before}", beforeOf(query)), query);
	}

	static SearchStatement byIndex(TaskQuery query) {
		return new SearchStatement(BY_INDEX.replace("{found}", foundOf(query)), query);
	}

	private static String foundOf(TaskQuery query) {
		if (query.tag() != null) {
			return TAGGED.replace("{filter}", filterOf(query));
		}
		String filter = stepOf(query) + beforeOf(query);
		TaskState state = query.state();
		if (state == null) {
			return live(query, filter) + "\nUNION ALL\n" + errored(query, filter);
		}
		return switch (state) {
			case READY -> live(query, IS_READY + filter);
			case SCHEDULED -> live(query, IS_SCHEDULED + filter);
			case HELD -> ofTypes(query, HELD.replace("{filter}", filter), TaskKinds.LIVE);
			case RUNNING -> RUNNING.replace("{filter}", typeOf(query) + filter);
			case ERRORED -> errored(query, filter);
		};
	}

	private static String live(TaskQuery query, String filter) {
		return ofTypes(query, LIVE.replace("{filter}", filter), TaskKinds.LIVE);
	}

	private static String errored(TaskQuery query, String filter) {
		return ofTypes(query, ERRORED.replace("{filter}", filter), TaskKinds.ERRORED);
	}

	private static String ofTypes(TaskQuery query, String search, String kinds) {
		if (query.taskType() != null) {
			return search.replace("{is}", "= :type");
		}
		return OF_ANY_TYPE.replace("{kinds}", kinds)
			.replace("{ofOne}", search.replace("{is}", "= kind.task"))
			.replace("{ofNone}", search.replace("{is}", "IS NULL"));
	}

	private static String filterOf(TaskQuery query) {
		return typeOf(query) + stateOf(query) + stepOf(query) + beforeOf(query);
	}

	private static String typeOf(TaskQuery query) {
		return (query.taskType() != null) ? " AND t.task = :type" : "";
	}

	private static String stateOf(TaskQuery query) {
		return (query.state() != null) ? " AND " + TaskRow.STATE + " = :state" : "";
	}

	private static String stepOf(TaskQuery query) {
		return (query.step() != null) ? " AND " + StepPattern.CONDITION : "";
	}

	private static String beforeOf(TaskQuery query) {
		return (query.before() != null) ? " AND t.id < :before" : "";
	}

	private static MapSqlParameterSource parametersOf(TaskQuery query) {
		MapSqlParameterSource parameters = new MapSqlParameterSource();
		parameters.addValue("type", query.taskType());
		parameters.addValue("tag", query.tag());
		parameters.addValue("before", query.before());
		parameters.addValue("limit", query.limit());
		if (query.state() != null) {
			parameters.addValue("state", query.state().name());
		}
		if (query.step() != null) {
			parameters.addValue("typeHead", StepPattern.typeHead(query.taskType()));
			parameters.addValue("stepHead", StepPattern.stepHead(query.taskType(), query.step()));
			parameters.addValue("stepPattern", StepPattern.pattern(query.step()));
		}
		return parameters;
	}

	/** The statement with question marks for its parameters. */
	String sql() {
		return this.query.sql();
	}

	void bind(PreparedStatement statement) throws SQLException {
		this.query.bind(statement);
	}

}
