package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Deletes the rows of tasks that are done.
 */
final class FinishStatements {

	// Of a reservation that has lapsed nobody is told that it is done.
	private static final String RETURNING = """
			RETURNING t.id, t.locked_by, t.awaited AND t.hold IS NULL
			""";

	// How most tasks end: with others of the same claim. A plain comparison with its
	// token
	// takes the server two thirds of the time of a join.
	private static final String OF_ONE_CLAIM = """
			DELETE FROM {table} t
			WHERE t.id = ANY (?::uuid[])
				AND t.locked_by = ?
				AND t.lock_expires_at > statement_timestamp()
			""" + RETURNING;

	private static final String OF_MANY_CLAIMS = """
			DELETE FROM {table} t
			USING unnest(?::uuid[], ?::uuid[]) AS o (id, token)
			WHERE {fence}
			""".replace("{fence}", TransitionStatements.FENCE) + RETURNING;

	/** So many claims get a statement each. */
	private static final int FEW = 4;

	private final String ofOneClaim;

	private final String ofManyClaims;

	FinishStatements(TaskTable table) {
		this.ofOneClaim = table.sql(OF_ONE_CLAIM);
		this.ofManyClaims = table.sql(OF_MANY_CLAIMS);
	}

	void execute(Connection connection, List<Transition.Finish> finished, TransitionStatements.RowReader reader)
			throws SQLException {
		Map<UUID, List<Transition.Finish>> claims = new HashMap<>();
		for (Transition.Finish finish : finished) {
			claims.computeIfAbsent(finish.token(), (token) -> new ArrayList<>()).add(finish);
		}
		if (claims.size() > FEW) {
			finishMany(connection, finished, reader);
			return;
		}
		for (Map.Entry<UUID, List<Transition.Finish>> claim : claims.entrySet()) {
			finishClaim(connection, claim.getKey(), claim.getValue(), reader);
		}
	}

	private void finishClaim(Connection connection, UUID token, List<Transition.Finish> finished,
			TransitionStatements.RowReader reader) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.ofOneClaim)) {
			UuidArray.set(statement, 1, finished, Transition::id);
			statement.setObject(2, token);
			read(statement, reader);
		}
	}

	private void finishMany(Connection connection, List<Transition.Finish> finished,
			TransitionStatements.RowReader reader) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.ofManyClaims)) {
			UuidArray.set(statement, 1, finished, Transition::id);
			UuidArray.set(statement, 2, finished, Transition::token);
			UuidArray.set(statement, 3, finished, Transition::id);
			read(statement, reader);
		}
	}

	private static void read(PreparedStatement statement, TransitionStatements.RowReader reader) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				reader.read(rows);
			}
		}
	}

}
