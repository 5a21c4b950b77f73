package io.pgtask.store;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import io.pgtask.TaskInfo;
import io.pgtask.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows as an operator sees them.
 */
final class TaskRow {

	/** Of a state in a page, so that a page of large ones does not fill the memory. */
	static final int SHOWN_IN_PAGE = 10_000;

	/** A worker holds the row {@code t}; nobody else may touch it. */
	static final String LEASED = "(t.locked_by IS NOT NULL AND t.lock_expires_at > statement_timestamp())";

	/** What the row {@code t} is doing: the name of a {@link TaskState}. */
	static final String STATE = """
			CASE
				WHEN t.error IS NOT NULL THEN 'ERRORED'
				WHEN {leased} THEN 'RUNNING'
				WHEN t.hold IS NOT NULL THEN 'HELD'
				WHEN {due} <= statement_timestamp() THEN 'READY'
				ELSE 'SCHEDULED'
			END""".replace("{leased}", LEASED).replace("{due}", Due.EXPRESSION);

	private static final String COLUMNS = """
			t.id, t.task, {step} AS step, {state} AS state, CASE WHEN t.hold IS NULL THEN t.wakeup_at ELSE COALESCE(t.hold_due, t.wakeup_at) END AS wakeup_at,
			t.tried, t.delivery, t.priority, t.error,
			t.last_error, CASE WHEN {leased} THEN t.lock_expires_at END AS lease_expires_at, t.created_at, t.updated_at,
			t.headers, t.tags, t.unique_key, t.deadline, t.hold, CASE WHEN t.hold IS NOT NULL THEN t.wakeup_at END AS held_until,
			t.cancel_requested_at, t.postponed, {failures} AS failures"""
		.replace("{state}", STATE)
		.replace("{leased}", LEASED);

	/** The columns of the row {@code t} with the whole state. */
	static final String WHOLE_COLUMNS = COLUMNS.replace("{step}", "t.step").replace("{failures}", "t.failures");

	/** The columns of the row {@code t} with no more of the state than a page shows. */
	static final String PAGE_COLUMNS = COLUMNS.replace("{step}", "left(t.step, " + (SHOWN_IN_PAGE + 1) + ")")
		.replace("{failures}", "NULL::jsonb");

	private TaskRow() {
	}

	static Optional<TaskInfo> readWhole(PreparedStatement statement) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			return rows.next() ? Optional.of(read(rows, StepText.of(rows.getString("step")))) : Optional.empty();
		}
	}

	static List<TaskInfo> readPage(PreparedStatement statement) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			List<TaskInfo> page = new ArrayList<>();
			while (rows.next()) {
				page.add(read(rows, shown(rows.getString("step"))));
			}
			return page;
		}
	}

	static StepText shown(String text) {
		int end = text.offsetByCodePoints(0, Math.min(SHOWN_IN_PAGE, text.codePointCount(0, text.length())));
		return (end < text.length()) ? StepText.ofBeginning(text.substring(0, end)) : StepText.of(text);
	}

	private static TaskInfo read(ResultSet row, StepText text) throws SQLException {
		return new TaskInfo(row.getObject("id", UUID.class), row.getString("task"), text.step(),
				TaskState.valueOf(row.getString("state")), text.state(), instant(row, "wakeup_at"), row.getInt("tried"),
				row.getInt("delivery"), row.getInt("priority"), row.getString("error"), row.getString("last_error"),
				instantOrNull(row, "lease_expires_at"), instant(row, "created_at"), instant(row, "updated_at"),
				TaskHeaders.read(row.getString("headers")), tags(row.getArray("tags")), row.getString("unique_key"),
				instantOrNull(row, "deadline"), row.getString("hold"), instantOrNull(row, "held_until"),
				instantOrNull(row, "cancel_requested_at"), row.getInt("postponed"),
				FailedAttempts.read(row.getString("failures")));
	}

	/** Somebody may have written a NULL into the array, or several dimensions. */
	static List<String> tags(@Nullable Array tags) throws SQLException {
		if (tags == null || !(tags.getArray() instanceof @Nullable String[] texts)) {
			return List.of();
		}
		return Arrays.stream(texts).filter(Objects::nonNull).sorted().toList();
	}

	static Instant instant(ResultSet row, String column) throws SQLException {
		return row.getObject(column, OffsetDateTime.class).toInstant();
	}

	private static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
		OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

}
