package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Ends the claims of tasks that stay: their step is tried again, waits, or is parked, or
 * the next one is due later.
 */
final class ReleaseStatement {

	// Of what was kept before: the first failure, and the newest ones that still fit.
	private static final String KEPT = """
			CASE
				WHEN o.most <= 1 OR jsonb_typeof(t.failures) IS DISTINCT FROM 'array' THEN jsonb '[]'
				WHEN jsonb_array_length(t.failures) < o.most THEN t.failures
				ELSE jsonb_build_array(t.failures -> 0) || jsonb_path_query_array(t.failures, '$[last - $older to last]',
					jsonb_build_object('older', o.most - 3))
			END""";

	// A step that could not even begin has its deadline still before it. A claim that
	// does not count is a part of the record nevertheless if the task ends with it.
	private static final String RELEASE = """
			UPDATE {table} t
			SET {passed}step = COALESCE(o.step, t.step),
				wakeup_at = COALESCE(o.at, statement_timestamp() + o.delay * interval '1 microsecond', t.wakeup_at),
				tried = o.tried,
				delivery = CASE
					WHEN o.step IS NULL AND t.cancel_requested_at IS NOT NULL THEN t.delivery
					ELSE o.delivery
				END,
				error = o.error,
				last_error = COALESCE(o.last_error, CASE WHEN o.step IS NULL THEN t.last_error END),
				failures = CASE
					WHEN o.step IS NOT NULL THEN NULL
					WHEN o.failure IS NULL THEN t.failures
					ELSE {kept} || (jsonb_build_object('at', statement_timestamp()) || o.failure::jsonb)
				END,
				postponed = CASE
					WHEN o.step IS NOT NULL OR o.error IS NOT NULL THEN NULL
					WHEN o.postponed THEN LEAST(COALESCE(t.postponed, 0), 2147483646) + 1
					ELSE t.postponed
				END,
				deadline = CASE WHEN o.step IS NULL AND o.delivery = 0 AND NOT o.postponed THEN t.deadline END,
				parked_at = CASE WHEN o.error IS NOT NULL THEN statement_timestamp() END,
				updated_at = statement_timestamp(),
				locked_by = NULL,
				lock_expires_at = NULL
			FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::timestamptz[], ?::int[], ?::int[], ?::text[],
				?::text[], ?::boolean[], ?::text[], ?::int[])
				AS o (id, token, step, delay, at, tried, delivery, error, last_error, postponed, failure, most)
			WHERE {fence}
			RETURNING o.id, o.token, t.awaited AND o.error IS NOT NULL AND t.cancel_requested_at IS NULL,
				t.cancel_requested_at IS NOT NULL
			""".replace("{kept}", KEPT).replace("{fence}", TransitionStatements.FENCE);

	private static final List<TransitionColumn<Transition.Release>> COLUMNS = List.of(
			new TransitionColumn<>("text", Transition.Release::text),
			new TransitionColumn<>("int8",
					(release) -> (release.delay() != null) ? DatabaseTimes.microseconds(release.delay()) : null),
			new TransitionColumn<>("timestamptz", (release) -> Instants.literal(release.at())),
			new TransitionColumn<>("int4", Transition.Release::tried),
			new TransitionColumn<>("int4", Transition.Release::delivery),
			new TransitionColumn<>("text", Transition.Release::error),
			new TransitionColumn<>("text", Transition.Release::lastError),
			new TransitionColumn<>("bool", Transition.Release::postponed),
			new TransitionColumn<>("text", (release) -> (release.failure() != null) ? release.failure().json() : null),
			new TransitionColumn<>("int4", (release) -> (release.failure() != null) ? release.failure().most() : null));

	private final String sql;

	ReleaseStatement(TaskTable table) {
		this.sql = table.sql(PassedSteps.appendIfLeft(table, RELEASE));
	}

	/**
	 * Release tasks.
	 * @param requests is told which of them somebody has asked to cancel
	 * @param errored reads the rows, whose third column tells whether their end is
	 * awaited
	 */
	void execute(Connection connection, List<Transition.Release> released, CancelRequests requests,
			TransitionStatements.RowReader errored) throws SQLException {
		TransitionStatements.execute(connection, this.sql, released, COLUMNS, (row) -> {
			errored.read(row);
			requests.read(row, 4);
		});
	}

}
