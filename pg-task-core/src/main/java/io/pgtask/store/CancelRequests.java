package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

import io.pgtask.TaskOutcome;

/**
 * Collects the claims of a transaction whose task somebody asked to cancel, and ends
 * these tasks within it. What their steps have returned is saved before, because only
 * that finds out; it is fenced, and keeps the rows locked.
 */
final class CancelRequests {

	// The row may have lost the token of its claim to what was saved before.
	private static final String CANCEL = """
			WITH ended AS (
				DELETE FROM {table} t
				USING unnest(?::uuid[], ?::uuid[]) AS o (id, token)
				WHERE t.id = ANY (?::uuid[]) AND t.id = o.id
				RETURNING {returned}, o.token
			){recorded}
			SELECT t.id, t.awaited FROM ended t
			""";

	private final Set<ClaimKey> claims = new HashSet<>();

	/** The statement that ends tasks, and records their ends where there is a history. */
	static String sql(TaskTable table) {
		EndRecord record = new EndRecord(table);
		return table.sql(CANCEL.replace("{returned}", record.returning(TaskOutcome.CANCELLED, "t.id, t.awaited"))
			.replace("{recorded}", record.byWorkerOnRequest("ended")));
	}

	/**
	 * Read the rows of a statement whose third column tells whether there is a request.
	 */
	TransitionStatements.RowReader reading(Set<ClaimKey> saved) {
		return (row) -> {
			saved.add(TransitionStatements.key(row));
			read(row, 3);
		};
	}

	void read(ResultSet row, int column) throws SQLException {
		if (row.getBoolean(column)) {
			this.claims.add(TransitionStatements.key(row));
		}
	}

	/**
	 * End the tasks.
	 * @param sql {@link #sql} of the table
	 * @param ends is told which of them are awaited
	 * @param cancelled is given the claims
	 */
	void carryOut(Connection connection, String sql, EndNotifier ends, Consumer<ClaimKey> cancelled)
			throws SQLException {
		if (this.claims.isEmpty()) {
			return;
		}
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			UuidArray.set(statement, 1, this.claims, ClaimKey::id);
			UuidArray.set(statement, 2, this.claims, ClaimKey::token);
			UuidArray.set(statement, 3, this.claims, ClaimKey::id);
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					if (rows.getBoolean(2)) {
						ends.add(EndNotice.Way.CANCELLED, rows.getObject(1, UUID.class));
					}
				}
			}
		}
		this.claims.forEach(cancelled);
	}

}
