package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Frees the tasks of a worker that is present no more, a batch in one statement.
 */
public final class TakeoverStatement {

	/** How many tasks one statement frees at most. */
	public static final int BATCH = 500;

	/** The payload of the notification that tells all workers of freed tasks. */
	public static final String FREED = "freed";

	// Whether the worker is absent is asked again by the statement itself, and its
	// claims are found by its own tokens: together that is the fence. The row keeps its
	// due time and its number of deliveries, as it does when a lease ends. Whoever has
	// a row locked is at work on it, and be it the server on behalf of the dead, so it
	// is left for the next time.
	private static final String TAKE = """
			WITH abandoned AS MATERIALIZED (
				SELECT t.id, t.locked_by
				FROM {table} t
				WHERE t.locked_by >= ? AND t.locked_by <= ?
					AND t.error IS NULL
					AND {announced}
					AND NOT EXISTS (SELECT {present} AND l.objid = ?::bigint::oid)
				LIMIT {batch}
				FOR NO KEY UPDATE SKIP LOCKED
			), freed AS (
				UPDATE {table} t
				SET locked_by = NULL, lock_expires_at = NULL, updated_at = statement_timestamp()
				WHERE t.id = ANY (ARRAY(SELECT abandoned.id FROM abandoned))
			)
			SELECT abandoned.locked_by, {tell} FROM abandoned
			""".replace("{announced}", ClaimTokens.ANNOUNCED.replace("{token}", "t.locked_by"))
		.replace("{present}", PresenceStatements.PRESENT)
		.replace("{batch}", String.valueOf(BATCH))
		.replace("{tell}", NotificationQueue.tell("pg_task_changed", "'" + FREED + "'"));

	private final String sql;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public TakeoverStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(TAKE));
	}

	/**
	 * Free tasks of a worker that is not present, and tell all workers that there is
	 * work.
	 * @param connection a connection that commits every statement
	 * @param presenceKey the key of the dead worker's presence
	 * @return the tokens of the claims that were ended, none if the worker is present
	 * again
	 * @throws SQLException if the database refuses; nothing is freed then
	 */
	public List<UUID> take(Connection connection, int presenceKey) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			statement.setObject(1, ClaimTokens.lowest(presenceKey));
			statement.setObject(2, ClaimTokens.highest(presenceKey));
			statement.setLong(3, Integer.toUnsignedLong(presenceKey));
			try (ResultSet rows = Planning.query(statement)) {
				List<UUID> ended = new ArrayList<>();
				while (rows.next()) {
					ended.add(rows.getObject(1, UUID.class));
				}
				return ended;
			}
		}
	}

}
