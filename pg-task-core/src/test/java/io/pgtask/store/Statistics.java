package io.pgtask.store;

import java.util.List;

/** What the planner knows of the table. */
enum Statistics {

	/** Nothing: rows have just been loaded into it. */
	NONE(Statistics.FORGET, size(-1, 0)),

	/** What it was like before rows were loaded into it. */
	OF_A_NEARLY_EMPTY_TABLE(Statistics.FORGET, size(1, 1)),

	/** Everything. */
	ANALYZED("ANALYZE pg_task");

	private static final String FORGET = "DELETE FROM pg_statistic WHERE starelid = 'pg_task'::regclass";

	private final List<String> sql;

	Statistics(String... sql) {
		this.sql = List.of(sql);
	}

	private static String size(int rows, int pages) {
		return """
				UPDATE pg_class SET reltuples = %d, relpages = %d WHERE oid = 'pg_task'::regclass
					OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'pg_task'::regclass)
				""".formatted(rows, pages);
	}

	List<String> sql() {
		return this.sql;
	}

}
