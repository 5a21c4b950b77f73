package io.pgtask.store;

/**
 * Which task types the table holds: found by jumping from one type to the next in an
 * index, so that it costs a look for each type and not one for each row.
 */
final class TaskKinds {

	// Should somebody have written a million types into the table, do not find them all.
	private static final int MOST = 1000;

	private static final String NEXT = """
			(SELECT t.task FROM {table} t WHERE {rows} AND t.task {after} ORDER BY t.task LIMIT 1)""";

	private static final String WALK = """
			WITH RECURSIVE walk (task) AS (
				{first}
				UNION ALL
				SELECT {next} FROM walk WHERE walk.task IS NOT NULL
			)
			SELECT walk.task FROM walk WHERE walk.task IS NOT NULL LIMIT {most}"""
		.replace("{first}", NEXT.replace("{after}", "IS NOT NULL"))
		.replace("{next}", NEXT.replace("{after}", "> walk.task"))
		.replace("{most}", String.valueOf(MOST));

	/** A query of the types of tasks that are not parked, by the claim index. */
	static final String LIVE = WALK.replace("{rows}", "t.error IS NULL");

	/** A query of the types of tasks that are parked, by the index of parked tasks. */
	static final String ERRORED = WALK.replace("{rows}", "t.error IS NOT NULL");

	/** A query of the types of tasks that have ended, by the index of their ends. */
	static final String ENDED = WALK.replace("{rows}", "true").replace("{table}", "{history}");

	private TaskKinds() {
	}

}
