package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Renews leases, any number in one statement.
 */
public final class LeaseStatement {

	// A row that someone else has locked for a moment is skipped, not waited for: it
	// must not cost the other leases, and it is still held. Only a row that is not
	// among the held ones is lost. A renewal the server forgets in a crash shortens the
	// lease, no more.
	private static final String RENEW = """
			WITH held AS (
				SELECT t.id, o.n
				FROM unnest(?::uuid[], ?::uuid[]) WITH ORDINALITY AS o (id, token, n)
				JOIN {table} t ON t.id = o.id AND t.locked_by = o.token
				WHERE t.id = ANY (?::uuid[]) AND t.lock_expires_at > statement_timestamp() AND {notParked}
			),
			lockable AS (
				SELECT t.id
				FROM {table} t
				WHERE t.id = ANY (ARRAY(SELECT id FROM held))
					AND t.locked_by = ANY (?::uuid[])
					AND t.lock_expires_at > statement_timestamp()
					AND {notParked}
				ORDER BY t.id
				FOR NO KEY UPDATE SKIP LOCKED
			),
			renewed AS (
				UPDATE {table} t
				SET lock_expires_at = statement_timestamp() + ? * interval '1 microsecond'
				WHERE t.id = ANY (ARRAY(SELECT id FROM lockable))
				RETURNING t.id, t.lock_expires_at
			)
			SELECT held.n, renewed.lock_expires_at
			FROM held LEFT JOIN renewed ON renewed.id = held.id
			""".replace("{notParked}", Planning.NOT_PARKED);

	private final String sql;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public LeaseStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_IDS + ", " + Planning.WITHOUT_WAITING, table.sql(RENEW));
	}

	/**
	 * Renew leases.
	 * @param connection a connection that commits every statement
	 * @param ids the ids of the tasks
	 * @param tokens the tokens of their claims, in the same order
	 * @param lease how long the renewed leases last
	 * @return by position: the new end of the lease, or {@code null} if the row is held
	 * but was locked by someone else; a position that is missing has lost its lease
	 * @throws SQLException if the database refuses; nothing was renewed then
	 */
	public Map<Integer, @Nullable Instant> renew(Connection connection, List<UUID> ids, List<UUID> tokens,
			Duration lease) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			UuidArray.set(statement, 1, ids);
			UuidArray.set(statement, 2, tokens);
			UuidArray.set(statement, 3, ids);
			UuidArray.set(statement, 4, new HashSet<>(tokens));
			statement.setLong(5, DatabaseTimes.microseconds(lease));
			try (ResultSet rows = Planning.query(statement)) {
				return read(rows);
			}
		}
	}

	private static Map<Integer, @Nullable Instant> read(ResultSet rows) throws SQLException {
		Map<Integer, @Nullable Instant> held = new HashMap<>();
		while (rows.next()) {
			OffsetDateTime end = rows.getObject(2, OffsetDateTime.class);
			held.put(rows.getInt(1) - 1, (end != null) ? end.toInstant() : null);
		}
		return held;
	}

}
