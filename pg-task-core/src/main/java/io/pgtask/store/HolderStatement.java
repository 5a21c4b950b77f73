package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * Finds the workers that hold claims and were announced when they made them.
 */
public final class HolderStatement {

	// From one worker to the next along the index, however many tasks each of them
	// holds: behind a claim of an announced worker begins the next worker, behind
	// another claim begin the claims that the same worker may have made when it was
	// announced.
	private static final String FIND = """
			WITH RECURSIVE holder AS (
				(SELECT t.locked_by AS token
				FROM {table} t
				WHERE t.locked_by IS NOT NULL AND t.error IS NULL
				ORDER BY t.locked_by
				LIMIT 1)
				UNION ALL
				SELECT (
					SELECT t.locked_by
					FROM {table} t
					WHERE t.error IS NULL
						AND t.locked_by > (left(holder.token::text, 19)
							|| CASE WHEN {announced} THEN 'ffff' ELSE 'bfff' END || '-ffffffffffff')::uuid
					ORDER BY t.locked_by
					LIMIT 1)
				FROM holder
				WHERE holder.token IS NOT NULL
			)
			SELECT holder.token FROM holder WHERE {announced}
			""".replace("{announced}", ClaimTokens.ANNOUNCED.replace("{token}", "holder.token"));

	private final String sql;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public HolderStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(FIND));
	}

	/**
	 * Find the workers.
	 * @param connection a connection that commits every statement
	 * @return the keys of their presence
	 * @throws SQLException if the database refuses
	 */
	public Set<Integer> find(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql);
				ResultSet rows = Planning.query(statement)) {
			Set<Integer> holders = new HashSet<>();
			while (rows.next()) {
				holders.add(ClaimTokens.presenceKey(rows.getObject(1, UUID.class).getMostSignificantBits()));
			}
			return holders;
		}
	}

}
