package io.pgtask.model;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import io.pgtask.TaskOutcome;
import io.pgtask.store.TaskTable;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Looks at the real table.
 */
final class TableReader {

	// Every time is a whole number of hours from when the row was written: rounding takes
	// away what the run itself has taken since, as long as that is less than half an
	// hour.
	private static final String ROWS = """
			SELECT id, step AS text, tried, delivery, priority, error IS NOT NULL AS errored,
				last_error IS NOT NULL AS failed_before, COALESCE(jsonb_array_length(failures), 0) AS failures,
				COALESCE(postponed, 0) AS postponed, parked_at IS NOT NULL AS parked,
				cancel_requested_at IS NOT NULL AS cancel_requested, hold, unique_key AS key, locked_by AS token,
				{due} AS due_in, {lease} AS lease_ends_in, {deadline} AS deadline_in, {heldDue} AS held_due_in
			FROM {table}
			""".replace("{due}", hours("wakeup_at"))
		.replace("{lease}", hours("lock_expires_at"))
		.replace("{deadline}", hours("deadline"))
		.replace("{heldDue}", hours("hold_due"));

	private static final String ENDS = "SELECT id, outcome, tried, delivery FROM {history}";

	// Each of them would wait for ever, and no operator would see why: there is no
	// error, no hold and no pause, and yet no moment at which a worker may claim it.
	private static final String STRANDED = """
			SELECT t.id FROM {table} t
			WHERE t.error IS NULL AND (NOT isfinite(t.wakeup_at) OR t.wakeup_at > statement_timestamp() + interval '1 year'
				OR t.lock_expires_at > statement_timestamp() + interval '1 year'
				OR (t.locked_by IS NULL) <> (t.lock_expires_at IS NULL))
			""";

	private final JdbcClient jdbc;

	private final TaskTable table;

	TableReader(JdbcClient jdbc, TaskTable table) {
		this.jdbc = jdbc;
		this.table = table;
	}

	private static String hours(String column) {
		return "CASE WHEN isfinite({at}) THEN round(extract(epoch FROM {at} - statement_timestamp()) / 3600)::bigint END"
			.replace("{at}", column);
	}

	/** Rows that wait for something which will not happen. */
	List<UUID> stranded() {
		return this.jdbc.sql(this.table.sql(STRANDED)).query(UUID.class).list();
	}

	List<Row> rows() {
		return this.jdbc.sql(this.table.sql(ROWS)).query(Row.class).list();
	}

	/** How tasks have ended, where that is recorded. */
	Map<UUID, List<End>> ends() {
		return this.jdbc.sql(this.table.sql(ENDS))
			.query((row, number) -> Map.entry(row.getObject(1, UUID.class),
					new End(TaskOutcome.valueOf(row.getString(2)), row.getInt(3), row.getInt(4))))
			.list()
			.stream()
			.collect(Collectors.groupingBy(Map.Entry::getKey,
					Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
	}

}
