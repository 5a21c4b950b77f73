package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Parks rows whose text names no task type: no worker can ever claim them by type, and
 * the person who inserted them should learn why they do not run.
 */
public final class MalformedStatement {

	private static final String PARK = """
			WITH malformed AS (
				SELECT t.id
				FROM {table} t
				WHERE t.error IS NULL AND t.task IS NULL AND {due} <= statement_timestamp()
				LIMIT ?
				FOR NO KEY UPDATE SKIP LOCKED
			)
			UPDATE {table} t
			SET error = ?,
				parked_at = statement_timestamp(),
				wakeup_at = statement_timestamp(),
				updated_at = statement_timestamp(),
				locked_by = NULL,
				lock_expires_at = NULL
			WHERE t.id = ANY (ARRAY(SELECT id FROM malformed))
			""".replace("{due}", Due.EXPRESSION);

	private static final String MESSAGE = "can't deserialize step (its text is not of the form "
			+ "{\"<task type>\":{\"<step>\":<state>}}): correct the column \"step\" and set \"error\" to NULL";

	private static final int AT_A_TIME = 100;

	private final String sql;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public MalformedStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_CLAIM_INDEX, table.sql(PARK));
	}

	/**
	 * Park some rows.
	 * @param connection a connection
	 * @return how many were parked
	 * @throws SQLException if the database refuses
	 */
	public int park(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			statement.setInt(1, AT_A_TIME);
			statement.setString(2, MESSAGE);
			return Planning.update(statement);
		}
	}

}
