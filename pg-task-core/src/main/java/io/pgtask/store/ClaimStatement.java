package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Claims due tasks, a batch in one statement.
 */
public final class ClaimStatement {

	/** What {@link #task} reads. */
	static final String COLUMNS = """
			t.id, t.task, t.priority, t.step, t.tried, t.delivery, t.headers, t.wakeup_at, t.lock_expires_at, t.hold,
				CASE WHEN t.deadline < statement_timestamp() AND t.delivery = 1 AND t.tried = 0 THEN t.deadline END,
				t.cancel_requested_at IS NOT NULL, t.postponed""";

	// Equality on type and priority keeps every probe inside one index range that is
	// ordered by due time, so that neither a backlog nor a million future rows are ever
	// sorted or scanned. A claim that the server forgets in a crash only means that the
	// task is claimed again, so its commit does not wait for the disk. The ARRAY keeps
	// the update on the primary key whatever the planner thinks of the number of picked
	// rows.
	private static final String CLAIM = """
			WITH picked AS (
				SELECT candidate.id
				FROM unnest(?::text[], ?::smallint[], ?::int[], ?::timestamptz[]) AS probe (task, priority, size, floor)
				CROSS JOIN LATERAL (
					SELECT t.id
					FROM {table} t
					WHERE t.error IS NULL
						AND t.task = probe.task
						AND t.priority = probe.priority
						AND {due} >= probe.floor
						AND {due} <= statement_timestamp()
					ORDER BY {due}
					LIMIT probe.size
					FOR NO KEY UPDATE SKIP LOCKED
				) candidate
			)
			UPDATE {table} t
			SET locked_by = ?,
				lock_expires_at = statement_timestamp() + ? * interval '1 microsecond',
				tried = CASE WHEN t.parked_at IS NULL THEN t.tried ELSE 0 END,
				delivery = CASE WHEN t.parked_at IS NULL THEN LEAST(t.delivery, 2147483646) + 1 ELSE 1 END,
				postponed = CASE WHEN t.parked_at IS NULL THEN t.postponed END,
				cancel_requested_at = CASE WHEN t.parked_at IS NULL THEN t.cancel_requested_at END,
				parked_at = NULL,
				updated_at = statement_timestamp()
			WHERE t.id = ANY (ARRAY(SELECT id FROM picked))
			RETURNING {columns}
			""".replace("{due}", Due.EXPRESSION).replace("{columns}", COLUMNS);

	private static final String NO_FLOOR = "-infinity";

	private final String sql;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public ClaimStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_CLAIM_INDEX + ", " + Planning.WITHOUT_WAITING, table.sql(CLAIM));
	}

	/**
	 * Claim due tasks.
	 * @param connection a connection that commits every statement
	 * @param probes where to look and how many to take
	 * @param token the token of the claim, used for the first time
	 * @param lease how long the claim lasts
	 * @return the claimed tasks, in no particular order
	 * @throws SQLException if the database refuses; nothing is claimed then, or will be
	 * free again when the lease ends
	 */
	public List<ClaimedTask> claim(Connection connection, List<Probe> probes, UUID token, Duration lease)
			throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			ArrayParameter.set(statement, 1, "text", probes, Probe::taskType);
			ArrayParameter.set(statement, 2, "int2", probes, Probe::priority);
			ArrayParameter.set(statement, 3, "int4", probes, Probe::limit);
			ArrayParameter.set(statement, 4, "timestamptz", probes, ClaimStatement::floor);
			statement.setObject(5, token);
			statement.setLong(6, DatabaseTimes.microseconds(lease));
			try (ResultSet rows = Planning.query(statement)) {
				return read(rows, token);
			}
		}
	}

	private static String floor(Probe probe) {
		return probe.floor().isBefore(Instant.EPOCH) ? NO_FLOOR : probe.floor().toString();
	}

	private static List<ClaimedTask> read(ResultSet rows, UUID token) throws SQLException {
		List<ClaimedTask> claimed = new ArrayList<>();
		Instant leaseExpiresAt = null;
		while (rows.next()) {
			if (leaseExpiresAt == null) {
				// The same for all, as the statement began but once.
				leaseExpiresAt = leaseExpiresAt(rows);
			}
			claimed.add(task(rows, token, leaseExpiresAt));
		}
		return claimed;
	}

	static Instant leaseExpiresAt(ResultSet rows) throws SQLException {
		return instant(rows, 9);
	}

	static ClaimedTask task(ResultSet rows, UUID token, Instant leaseExpiresAt) throws SQLException {
		return new ClaimedTask(rows.getObject(1, UUID.class), token, rows.getString(2), rows.getInt(3),
				rows.getString(4), rows.getInt(5), rows.getInt(6), TaskHeaders.read(rows.getString(7)),
				instant(rows, 8), leaseExpiresAt, rows.getString(10), instantOrNull(rows, 11), rows.getBoolean(12),
				rows.getInt(13));
	}

	private static @Nullable Instant instantOrNull(ResultSet rows, int column) throws SQLException {
		OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	private static Instant instant(ResultSet rows, int column) throws SQLException {
		return rows.getObject(column, OffsetDateTime.class).toInstant();
	}

}
