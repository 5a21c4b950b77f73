package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Reads rows that were inserted with a lease in somebody else's transaction: what became
 * of them there, only the table knows.
 */
public final class ConfirmStatement {

	// The type may have been paused while the transaction went on.
	private static final String CONFIRM = """
			SELECT {columns}, t.locked_by,
				t.hold IS NULL AND t.wakeup_at <= statement_timestamp() AND t.cancel_requested_at IS NULL
					AND NOT EXISTS (SELECT FROM {paused} p WHERE p.task = t.task)
			FROM {table} t
			WHERE t.id = ANY (?::uuid[])
				AND t.locked_by = ANY (?::uuid[])
				AND t.lock_expires_at > statement_timestamp()
				AND {notParked}
			""".replace("{notParked}", Planning.NOT_PARKED).replace("{columns}", ClaimStatement.COLUMNS);

	private static final int TOKEN = 14;

	private static final int STARTABLE = 15;

	private final String sql;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public ConfirmStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_IDS, table.sql(CONFIRM));
	}

	/**
	 * Read rows.
	 * @param connection a connection that commits every statement
	 * @param rows the rows
	 * @return by token: the rows that are there and still have their lease
	 * @throws SQLException if the database refuses
	 */
	public Map<UUID, Confirmed> read(Connection connection, List<DirectRow> rows) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			UuidArray.set(statement, 1, rows, DirectRow::id);
			UuidArray.set(statement, 2, rows, DirectRow::token);
			try (ResultSet found = Planning.query(statement)) {
				Map<UUID, Confirmed> confirmed = new HashMap<>();
				while (found.next()) {
					UUID token = found.getObject(TOKEN, UUID.class);
					ClaimedTask task = ClaimStatement.task(found, token, ClaimStatement.leaseExpiresAt(found));
					confirmed.put(token, new Confirmed(task, found.getBoolean(STARTABLE)));
				}
				return confirmed;
			}
		}
	}

	/**
	 * A row that is there.
	 *
	 * @param task the row as a claim would have returned it
	 * @param startable whether it may start now; otherwise it is to be given back
	 */
	public record Confirmed(ClaimedTask task, boolean startable) {

	}

}
