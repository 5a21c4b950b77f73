package io.pgtask.benchmark.contender;

/**
 * The statements of the floor: the fewest that claim tasks with a lease, save their
 * transitions and delete them, each behind the fence of its claim.
 */
final class FloorStatements {

	/** The expression of the claim index. */
	private static final String DUE = """
			(CASE WHEN locked_by IS NOT NULL THEN GREATEST(wakeup_at, lock_expires_at) ELSE wakeup_at END)""";

	/**
	 * The planner believes that the claimed rows are few and would compare each of them
	 * with every given transition.
	 */
	static final String SESSION = "SET enable_nestloop = off";

	/**
	 * Its parameters are the type, the earliest due time, how many, and the token. A
	 * claim may be forgotten in a crash, so its commit does not wait for the disk.
	 */
	static final String CLAIM = """
			WITH picked AS (
				SELECT id FROM pg_task
				WHERE error IS NULL AND task = ? AND priority = 4
					AND {due} >= ? AND {due} <= statement_timestamp()
				ORDER BY {due}
				LIMIT ?
				FOR NO KEY UPDATE SKIP LOCKED
			)
			UPDATE pg_task
			SET locked_by = ?, lock_expires_at = statement_timestamp() + interval '60 s'
			WHERE id = ANY (ARRAY(SELECT id FROM picked))
				AND (SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL
			RETURNING id, step, wakeup_at
			""".replace("{due}", DUE);

	/** Its parameters are the ids, the new texts, the ids again, and the token. */
	static final String ADVANCE = """
			UPDATE pg_task t
			SET step = o.step, tried = 0, updated_at = statement_timestamp()
			FROM unnest(?::uuid[], ?::text[]) AS o (id, step)
			WHERE t.id = ANY (?::uuid[]) AND t.id = o.id
				AND t.locked_by = ? AND t.lock_expires_at > statement_timestamp()
			RETURNING t.id
			""";

	/** Its parameters are the ids and the token. */
	static final String FINISH = """
			DELETE FROM pg_task
			WHERE id = ANY (?::uuid[]) AND locked_by = ? AND lock_expires_at > statement_timestamp()
			RETURNING id
			""";

	/** Its parameters are the id and the text: the row that the client inserts. */
	static final String INSERT = """
			INSERT INTO pg_task (id, step, headers, quiet, wakeup_at)
			VALUES (?, ?, NULL, true, statement_timestamp())
			""";

	/** The columns that the client fills when there are many tasks. */
	static final String COPY = """
			COPY pg_task (id, step, headers, quiet, wakeup_at, priority, tags, deadline) FROM STDIN (FORMAT binary)
			""";

	/** What the table and its indexes are, told by the server. */
	static final String DDL = """
			SELECT string_agg(line, E'\\n') FROM (
				SELECT 'CREATE TABLE pg_task (' || string_agg(attname || ' ' || format_type(atttypid, atttypmod)
					|| CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
					|| CASE attgenerated WHEN 's' THEN ' GENERATED ALWAYS AS (…) STORED' ELSE '' END, ', '
					ORDER BY attnum) || ') WITH (' || (
						SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = 'pg_task'::regclass
					) || ')'
				FROM pg_attribute WHERE attrelid = 'pg_task'::regclass AND attnum > 0 AND NOT attisdropped
				UNION ALL
				SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'pg_task'::regclass
			) AS ddl (line)
			""";

	private FloorStatements() {
	}

}
