package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.pgtask.TaskOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the rows of tasks that have ended, and records their ends where there is a
 * history.
 */
final class FinishStatements {

	// Of a reservation that has lapsed nobody is told that it is done.
	private static final String RESULT = "t.id, t.locked_by, t.awaited AND t.hold IS NULL";

	// How most tasks end: with others of the same claim. A plain comparison with its
	// token takes the server two thirds of the time of a join.
	private static final String OF_ONE_CLAIM = """
			DELETE FROM {table} t
			WHERE t.id = ANY (?::uuid[])
				AND t.locked_by = ?
				AND t.lock_expires_at > statement_timestamp()
				AND {notParked}
			""".replace("{notParked}", Planning.NOT_PARKED);

	private static final String OF_MANY_CLAIMS = """
			DELETE FROM {table} t
			USING unnest(?::uuid[], ?::uuid[]) AS o (id, token)
			WHERE {fence}
			""".replace("{fence}", TransitionStatements.FENCE);

	private static final String RECORDED = """
			WITH ended AS (
				{delete}
				RETURNING t.*
			){record}
			SELECT {result} FROM ended t
			""";

	private static final TransitionColumn<Transition.Finish> REASONS = new TransitionColumn<>("text",
			Transition.Finish::reason);

	/** So many claims get a statement each. */
	private static final int FEW = 4;

	private final HistorySettings history;

	private final Sql plain;

	private final Sql recorded;

	private final Sql cancelled;

	FinishStatements(TaskTable table) {
		EndRecord record = new EndRecord(table);
		this.history = table.history();
		this.plain = new Sql(table.sql(OF_ONE_CLAIM + "RETURNING " + RESULT),
				table.sql(OF_MANY_CLAIMS + "RETURNING " + RESULT));
		this.recorded = recorded(table, record.byWorker("ended"));
		this.cancelled = recorded(table, record.byWorkerWithReason("ended"));
	}

	private static Sql recorded(TaskTable table, String record) {
		String sql = RECORDED.replace("{record}", record).replace("{result}", RESULT);
		return new Sql(table.sql(sql.replace("{delete}", OF_ONE_CLAIM)),
				table.sql(sql.replace("{delete}", OF_MANY_CLAIMS)));
	}

	void execute(Connection connection, List<Transition.Finish> finished, Set<ClaimKey> saved, EndNotifier ends)
			throws SQLException {
		Map<TaskOutcome, List<Transition.Finish>> outcomes = new EnumMap<>(TaskOutcome.class);
		for (Transition.Finish finish : finished) {
			outcomes.computeIfAbsent(finish.outcome(), (outcome) -> new ArrayList<>()).add(finish);
		}
		for (Map.Entry<TaskOutcome, List<Transition.Finish>> ended : outcomes.entrySet()) {
			TaskOutcome outcome = ended.getKey();
			finish(connection, ended.getValue(), this.history.records(outcome) ? outcome : null,
					ends.telling(EndNotice.Way.of(outcome), saved));
		}
	}

	/**
	 * End tasks in the same way.
	 * @param recorded the outcome to record, or {@code null} to record nothing
	 */
	private void finish(Connection connection, List<Transition.Finish> finished, @Nullable TaskOutcome recorded,
			TransitionStatements.RowReader reader) throws SQLException {
		Sql sql = (recorded == null) ? this.plain
				: (recorded == TaskOutcome.CANCELLED) ? this.cancelled : this.recorded;
		Map<UUID, List<Transition.Finish>> claims = new HashMap<>();
		for (Transition.Finish finish : finished) {
			claims.computeIfAbsent(finish.token(), (token) -> new ArrayList<>()).add(finish);
		}
		if (claims.size() > FEW) {
			finishMany(connection, sql.ofManyClaims(), finished, recorded, reader);
			return;
		}
		for (Map.Entry<UUID, List<Transition.Finish>> claim : claims.entrySet()) {
			finishClaim(connection, sql.ofOneClaim(), claim.getKey(), claim.getValue(), recorded, reader);
		}
	}

	private static void finishClaim(Connection connection, String sql, UUID token, List<Transition.Finish> finished,
			@Nullable TaskOutcome recorded, TransitionStatements.RowReader reader) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			UuidArray.set(statement, 1, finished, Transition::id);
			statement.setObject(2, token);
			read(statement, 3, recorded, finished, reader);
		}
	}

	private static void finishMany(Connection connection, String sql, List<Transition.Finish> finished,
			@Nullable TaskOutcome recorded, TransitionStatements.RowReader reader) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			UuidArray.set(statement, 1, finished, Transition::id);
			UuidArray.set(statement, 2, finished, Transition::token);
			UuidArray.set(statement, 3, finished, Transition::id);
			read(statement, 4, recorded, finished, reader);
		}
	}

	private static void read(PreparedStatement statement, int parameter, @Nullable TaskOutcome recorded,
			List<Transition.Finish> finished, TransitionStatements.RowReader reader) throws SQLException {
		if (recorded != null) {
			statement.setString(parameter, recorded.name());
		}
		if (recorded == TaskOutcome.CANCELLED) {
			UuidArray.set(statement, parameter + 1, finished, Transition::id);
			REASONS.set(statement, parameter + 2, finished);
		}
		try (ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				reader.read(rows);
			}
		}
	}

	/**
	 * How the same is done for the tasks of one claim, and for those of any number.
	 */
	private record Sql(String ofOneClaim, String ofManyClaims) {

	}

}
