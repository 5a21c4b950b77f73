package io.pgtask.store;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.pgtask.TaskOutcome;
import io.pgtask.TaskSelection;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * A statement that changes tasks for an operator, any number by their ids. It locks and
 * changes a row only if its lock is free, no worker holds a lease on it and it still
 * matches the selection it was found by: it never waits for a lock, so that it is no part
 * of a deadlock, and leaves the row of a worker alone even within a long transaction.
 */
final class ActionStatement {

	/** What became of a row that somebody has locked. */
	static final String LOCKED = "LOCKED";

	// A row that is neither changed nor refused was locked, or has changed meanwhile.
	private static final String ACT = """
			WITH found AS MATERIALIZED (
				SELECT t.id
				FROM {table} t
				WHERE t.id = ANY (CAST(:ids AS uuid[])) AND NOT {leased} AND {applicable}
				FOR UPDATE SKIP LOCKED
			), changed AS (
				{change}
				WHERE t.id = ANY (ARRAY(SELECT found.id FROM found))
				RETURNING {returned}
			){recorded}, {requested}
			SELECT o.id, changed.awaited, CASE
					WHEN changed.id IS NOT NULL THEN 'DONE'
					WHEN requested.id IS NOT NULL THEN 'REQUESTED'
					ELSE COALESCE(seen.result, 'NOT_FOUND')
				END AS result
			FROM unnest(CAST(:ids AS uuid[])) AS o (id)
			LEFT JOIN changed ON changed.id = o.id
			LEFT JOIN requested ON requested.id = o.id
			LEFT JOIN LATERAL (
				SELECT CASE
						WHEN {leased} THEN {resultIfLeased}
						WHEN {applicable} THEN 'LOCKED'
						ELSE 'NOT_APPLICABLE'
					END AS result
				FROM {table} t
				WHERE t.id = o.id
			) seen ON true
			""".replace("{leased}", TaskRow.LEASED);

	private static final String RETURNED = "t.id, t.awaited";

	private static final String NOTHING_REQUESTED = """
			requested (id) AS (SELECT NULL::uuid WHERE false)""";

	// The lease stays as it is, and so does everything else that a worker writes.
	private static final String REQUEST_CANCEL = """
			held AS MATERIALIZED (
				SELECT t.id
				FROM {table} t
				WHERE t.id = ANY (CAST(:ids AS uuid[])) AND {leased} AND {applicable}
				FOR NO KEY UPDATE SKIP LOCKED
			), requested AS (
				UPDATE {table} t
				SET cancel_requested_at = COALESCE(t.cancel_requested_at, statement_timestamp())
				WHERE t.id = ANY (ARRAY(SELECT held.id FROM held))
				RETURNING t.id
			)""".replace("{leased}", TaskRow.LEASED);

	// What is known of the failed attempts stays, for whoever looks at the next ones.
	private static final String RETRY = """
			UPDATE {table} t
			SET error = NULL, parked_at = NULL, tried = 0, delivery = 0, postponed = NULL, cancel_requested_at = NULL,
				wakeup_at = statement_timestamp(), locked_by = NULL, lock_expires_at = NULL,
				updated_at = statement_timestamp()""";

	private static final String RETRY_WITH_STATE = RETRY + ", step = :text";

	private static final String RESUME = RETRY_WITH_STATE + ", last_error = NULL, failures = NULL";

	private static final String END = """
			DELETE FROM {table} t""";

	// A time in the past means now: what is due for longer must not be overtaken.
	private static final String RESCHEDULE = """
			UPDATE {table} t
			SET wakeup_at = CASE WHEN t.hold IS NULL THEN wanted.at ELSE t.wakeup_at END,
				hold_due = CASE WHEN t.hold IS NOT NULL THEN wanted.at END, locked_by = NULL, lock_expires_at = NULL,
				updated_at = statement_timestamp()
			FROM (SELECT GREATEST(statement_timestamp(), CAST(:at AS timestamptz)) AS at) AS wanted""";

	private static final String PRIORITIZE = """
			UPDATE {table} t
			SET priority = :priority, updated_at = statement_timestamp()""";

	private static final String PARKED = "t.error IS NOT NULL";

	private final String name;

	private final String sql;

	private final MapSqlParameterSource parameters;

	private final @Nullable TaskOutcome outcome;

	private ActionStatement(String name, String sql, MapSqlParameterSource parameters, @Nullable TaskOutcome outcome) {
		this.name = name;
		this.sql = sql;
		this.parameters = parameters;
		this.outcome = outcome;
	}

	static ActionStatement retry(TaskSelection selection) {
		return of("retry tasks", RETRY, PARKED, selection, null);
	}

	/**
	 * Retry a task with another text, if it still has the one that was read.
	 */
	static ActionStatement retryWith(StepEdit edit) {
		ActionStatement action = of("edit task", edit.anotherStep() ? RESUME : RETRY_WITH_STATE,
				PARKED + " AND t.step = :before", TaskSelection.all(), null);
		action.parameters.addValue("before", edit.before()).addValue("text", edit.after());
		return action;
	}

	static ActionStatement delete(TaskSelection selection) {
		return of("delete tasks", END, "true", selection, TaskOutcome.DELETED);
	}

	static ActionStatement cancel(TaskSelection selection) {
		return new ActionStatement("cancel tasks",
				complete(ACT.replace("{requested}", REQUEST_CANCEL)
					.replace("{resultIfLeased}", "CASE WHEN {applicable} THEN 'LOCKED' ELSE 'NOT_APPLICABLE' END"), END,
						"true", selection),
				SelectionFilter.parametersOf(selection), TaskOutcome.CANCELLED);
	}

	static ActionStatement reschedule(TaskSelection selection, Instant instant) {
		ActionStatement action = of("reschedule tasks", RESCHEDULE, "t.error IS NULL", selection, null);
		action.parameters.addValue("at", DatabaseTimes.timestamp(instant));
		return action;
	}

	static ActionStatement prioritize(TaskSelection selection, int priority) {
		ActionStatement action = of("prioritize tasks", PRIORITIZE, "true", selection, null);
		action.parameters.addValue("priority", priority);
		return action;
	}

	private static ActionStatement of(String name, String change, String applicable, TaskSelection selection,
			@Nullable TaskOutcome outcome) {
		String sql = ACT.replace("{requested}", NOTHING_REQUESTED).replace("{resultIfLeased}", "'RUNNING'");
		return new ActionStatement(name, complete(sql, change, applicable, selection),
				SelectionFilter.parametersOf(selection), outcome);
	}

	private static String complete(String sql, String change, String applicable, TaskSelection selection) {
		return sql.replace("{change}", change)
			.replace("{applicable}", "(" + applicable + SelectionFilter.of(selection) + ")");
	}

	/** What it does, for the message of an exception. */
	String name() {
		return this.name;
	}

	/** How it ends tasks, or {@code null} if they have work to do afterwards. */
	EndNotice.@Nullable Way way() {
		return (this.outcome != null) ? EndNotice.Way.of(this.outcome) : null;
	}

	/** The statement for some tasks. */
	NamedStatement on(List<UUID> ids, TaskTable table) {
		MapSqlParameterSource parameters = new MapSqlParameterSource(this.parameters.getValues());
		parameters.addValue("ids", UuidArray.literal(ids));
		return new NamedStatement(table.sql(recording(table)), parameters);
	}

	private String recording(TaskTable table) {
		if (this.outcome == null) {
			return this.sql.replace("{returned}", RETURNED).replace("{recorded}", "");
		}
		EndRecord record = new EndRecord(table);
		return this.sql.replace("{returned}", record.returning(this.outcome, RETURNED))
			.replace("{recorded}", record.byOther(this.outcome, "changed"));
	}

}
