package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

import io.pgtask.TaskQuery;
import io.pgtask.TaskSelection;
import io.pgtask.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * A statement that finds a page of tasks, or all of a selection. Its text depends on
 * which parts these have, and never on what they are.
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

	private static final String KEYED = """
			(SELECT t.id FROM {table} t WHERE t.unique_key = :key AND t.task {is}{filter})""";

	private static final String IDS = """
			SELECT found.id FROM ({found}) found""";

	private static final String COUNT = """
			SELECT count(*) FROM ({found}) found""";

	private static final String KINDS = "(" + TaskKinds.LIVE + ") UNION (" + TaskKinds.ERRORED + ")";

	private static final String OF_ANY_TYPE = """
			SELECT one.id FROM ({kinds}) kind CROSS JOIN LATERAL ({ofOne}) one
			UNION ALL
			{ofNone}""";

	private static final String IS_READY = " AND {due} <= statement_timestamp() AND t.hold IS NULL".replace("{due}",
			Due.EXPRESSION);

	private static final String IS_SCHEDULED = " AND {due} > statement_timestamp() AND NOT {leased} AND t.hold IS NULL"
		.replace("{due}", Due.EXPRESSION)
		.replace("{leased}", TaskRow.LEASED);

	private final NamedStatement statement;

	private SearchStatement(String sql, TaskSelection selection, @Nullable UUID before, @Nullable Integer limit) {
		this.statement = new NamedStatement(sql,
				SelectionFilter.parametersOf(selection).addValue("before", before).addValue("limit", limit));
	}

	private SearchStatement(String sql, TaskQuery query) {
		this(sql, query.selection(), query.before(), query.limit());
	}

	static SearchStatement amongAll(TaskQuery query) {
		return new SearchStatement(AMONG_ALL.replace("{filter}", filterOf(query)), query);
	}

	static SearchStatement amongNewest(TaskQuery query) {
		return new SearchStatement(
				AMONG_NEWEST.replace("{filter}", filterOf(query)).replace("{before}", beforeOf(query)), query);
	}

	static SearchStatement byIndex(TaskQuery query) {
		return new SearchStatement(BY_INDEX.replace("{found}", foundOf(query.selection(), beforeOf(query))), query);
	}

	/** The ids of all tasks of a selection. */
	static SearchStatement ids(TaskSelection selection) {
		return whole(IDS, selection);
	}

	/** The number of tasks of a selection. */
	static SearchStatement count(TaskSelection selection) {
		return whole(COUNT, selection);
	}

	/** A limit of NULL is none. */
	private static SearchStatement whole(String sql, TaskSelection selection) {
		return new SearchStatement(sql.replace("{found}", foundOf(selection, "")), selection, null, null);
	}

	private static String foundOf(TaskSelection selection, String before) {
		if (selection.tag() != null) {
			return TAGGED.replace("{filter}", SelectionFilter.of(selection) + before);
		}
		if (selection.uniqueKey() != null) {
			return ofTypes(selection, KEYED.replace("{filter}", SelectionFilter.of(selection) + before), KINDS);
		}
		String filter = SelectionFilter.withoutTypeAndState(selection) + before;
		TaskState state = selection.state();
		if (state == null) {
			return live(selection, filter) + "\nUNION ALL\n" + errored(selection, filter);
		}
		return switch (state) {
			case READY -> live(selection, IS_READY + filter);
			case SCHEDULED -> live(selection, IS_SCHEDULED + filter);
			case HELD -> ofTypes(selection, HELD.replace("{filter}", filter), TaskKinds.LIVE);
			case RUNNING -> RUNNING.replace("{filter}", SelectionFilter.typeOf(selection) + filter);
			case ERRORED -> errored(selection, filter);
		};
	}

	private static String live(TaskSelection selection, String filter) {
		return ofTypes(selection, LIVE.replace("{filter}", filter), TaskKinds.LIVE);
	}

	private static String errored(TaskSelection selection, String filter) {
		return ofTypes(selection, ERRORED.replace("{filter}", filter), TaskKinds.ERRORED);
	}

	private static String ofTypes(TaskSelection selection, String search, String kinds) {
		if (selection.taskType() != null) {
			return search.replace("{is}", "= :type");
		}
		return OF_ANY_TYPE.replace("{kinds}", kinds)
			.replace("{ofOne}", search.replace("{is}", "= kind.task"))
			.replace("{ofNone}", search.replace("{is}", "IS NULL"));
	}

	private static String filterOf(TaskQuery query) {
		return SelectionFilter.of(query.selection()) + beforeOf(query);
	}

	private static String beforeOf(TaskQuery query) {
		return (query.before() != null) ? " AND t.id < :before" : "";
	}

	/** The statement with question marks for its parameters. */
	String sql() {
		return this.statement.sql();
	}

	void bind(PreparedStatement statement) throws SQLException {
		this.statement.bind(statement);
	}

}
