package io.pgtask.store;

import io.pgtask.TaskOutcome;

/**
 * Writes the records of tasks into the history, as a part of the statement that ends
 * them: there is no end without its record, and no record without an end. The parts are
 * templates for {@link TaskTable#sql}, like the statements they belong to.
 */
final class EndRecord {

	private static final String INSERT = """
			, recorded AS (
				INSERT INTO {history} (id, task, step, outcome, state, error, failures, passed, tried, delivery, priority,
					worker, headers, tags, unique_key, created_at, ended_at)
				SELECT t.id, t.task, {stepName}(t.step), {outcome}, {state}, {error}, t.failures,
					t.passed, t.tried, t.delivery, t.priority, {worker}, t.headers, t.tags, t.unique_key, t.created_at,
					statement_timestamp()
				FROM {ended} t
			)""";

	private static final String LAST_ERROR = "COALESCE(t.error, t.last_error)";

	// What the cancellation has to do with it only people can tell.
	private static final String ON_REQUEST = "concat_ws('; the last error was ', 'cancelled on request', " + LAST_ERROR
			+ ")";

	private static final String GIVEN = """
			COALESCE((SELECT g.reason FROM unnest(?::uuid[], ?::text[]) AS g (id, reason) WHERE g.id = t.id), {last})"""
		.replace("{last}", LAST_ERROR);

	/** The identity of a worker is the first half of its tokens. */
	static final String WORKER = worker("t.locked_by");

	private final TaskTable table;

	EndRecord(TaskTable table) {
		this.table = table;
	}

	/**
	 * What a statement has to return of the rows it deletes.
	 * @param columns what is needed if nothing is recorded
	 */
	String returning(TaskOutcome outcome, String columns) {
		return isWritten(outcome) ? "t.*" : columns;
	}

	/**
	 * The part of a statement that records how a worker has ended tasks. Its parameter is
	 * the outcome.
	 * @param ended the part that deletes the rows and returns them as they were
	 */
	String byWorker(String ended) {
		return insert(ended, "?::text", LAST_ERROR, WORKER);
	}

	/**
	 * The same with reasons. Its parameters are the outcome, then the ids of the tasks
	 * and the reason of each.
	 * @param ended the part that deletes the rows and returns them as they were
	 */
	String byWorkerWithReason(String ended) {
		return insert(ended, "?::text", GIVEN, WORKER);
	}

	/**
	 * The part of a statement that records how a worker has ended tasks which somebody
	 * had asked it to cancel; empty if that is not recorded.
	 * @param ended the part that deletes the rows and returns them as they were, with the
	 * {@code token} of the claim
	 */
	String byWorkerOnRequest(String ended) {
		return isWritten(TaskOutcome.CANCELLED)
				? insert(ended, "'" + TaskOutcome.CANCELLED.name() + "'", ON_REQUEST, worker("t.token")) : "";
	}

	/**
	 * The part of a statement that records how somebody else has ended tasks; empty if
	 * that is not recorded.
	 * @param ended the part that deletes the rows and returns them as they were
	 */
	String byOther(TaskOutcome outcome, String ended) {
		String error = (outcome == TaskOutcome.CANCELLED) ? ON_REQUEST : LAST_ERROR;
		return isWritten(outcome) ? insert(ended, "'" + outcome.name() + "'", error, "NULL") : "";
	}

	private static String worker(String token) {
		return "left(replace(" + token + "::text, '-', ''), 16)";
	}

	private boolean isWritten(TaskOutcome outcome) {
		return this.table.history().records(outcome);
	}

	private String insert(String ended, String outcome, String error, String worker) {
		return INSERT.replace("{ended}", ended)
			.replace("{outcome}", outcome)
			.replace("{error}", error)
			.replace("{worker}", worker)
			.replace("{state}", this.table.history().state() ? "t.step" : "NULL");
	}

}
