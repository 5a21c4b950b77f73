package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Saves transitions: one statement for all of a kind. The caller makes the statements of
 * a batch one transaction.
 */
public final class TransitionStatements {

	// The ids are given twice: the array keeps the plan on the primary key whatever the
	// planner believes of the table, the pairs hold the fence of each row. Whoever
	// parks a task by hand while its step runs has ended the claim.
	static final String FENCE = """
			t.id = ANY (?::uuid[])
				AND t.id = o.id
				AND t.locked_by = o.token
				AND t.lock_expires_at > statement_timestamp()
				AND {notParked}""".replace("{notParked}", Planning.NOT_PARKED);

	// No indexed column changes, so the update stays in its page and touches no index.
	private static final String ADVANCE = """
			UPDATE {table} t
			SET {passed}step = o.step, tried = 0, delivery = 1, last_error = NULL, failures = NULL, postponed = NULL,
				deadline = NULL, updated_at = statement_timestamp()
			FROM unnest(?::uuid[], ?::uuid[], ?::text[]) AS o (id, token, step)
			WHERE {fence}
			RETURNING o.id, o.token, t.cancel_requested_at IS NOT NULL
			""".replace("{fence}", FENCE);

	private static final String CHECKPOINT = """
			UPDATE {table} t
			SET step = o.step,
				tried = CASE WHEN o.anew THEN 0 ELSE t.tried END,
				delivery = CASE WHEN o.anew THEN 1 ELSE t.delivery END,
				last_error = CASE WHEN o.anew THEN NULL ELSE t.last_error END,
				failures = CASE WHEN o.anew THEN NULL ELSE t.failures END,
				postponed = CASE WHEN o.anew THEN NULL ELSE t.postponed END,
				deadline = NULL,
				updated_at = statement_timestamp(),
				lock_expires_at = statement_timestamp() + o.lease * interval '1 microsecond'
			FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::boolean[], ?::bigint[]) AS o (id, token, step, anew, lease)
			WHERE {fence}
			RETURNING o.id, o.token
			""".replace("{fence}", FENCE);

	// The delivery is taken back as well: the claim ended as it should, and said
	// nothing about the step, unless that did not return and may be about to end the
	// process. Where the task ends with it, it is a part of its record.
	private static final String GIVE_BACK = """
			UPDATE {table} t
			SET delivery = CASE
					WHEN o.counted OR t.cancel_requested_at IS NOT NULL THEN t.delivery
					ELSE GREATEST(t.delivery - 1, 0)
				END,
				updated_at = statement_timestamp(),
				locked_by = NULL,
				lock_expires_at = NULL
			FROM unnest(?::uuid[], ?::uuid[], ?::boolean[]) AS o (id, token, counted)
			WHERE {fence}
			RETURNING o.id, o.token, t.cancel_requested_at IS NOT NULL
			""".replace("{fence}", FENCE);

	private static final String LOCKABLE = """
			SELECT t.id, t.locked_by
			FROM {table} t
			WHERE t.id = ANY (?::uuid[])
			ORDER BY t.id
			FOR UPDATE SKIP LOCKED
			""";

	// Between two of its statements the server hears nothing if the network or the
	// process is gone, and would keep the rows locked for hours.
	private static final String PREPARE = "SELECT set_config('lock_timeout', '500ms', true),"
			+ " set_config('idle_in_transaction_session_timeout', '5s', true), " + Planning.BY_IDS;

	private static final String NOTIFY = "SELECT " + NotificationQueue.tell("pg_task_changed", "''");

	private static final String PRESENT = """
			SELECT t.id FROM {table} t WHERE t.id = ANY (?::uuid[])
			""";

	private final FinishStatements finish;

	private final String advance;

	private final String checkpoint;

	private final ReleaseStatement release;

	private final String giveBack;

	private final String cancel;

	private final String lockable;

	private final String present;

	/**
	 * Create the statements for a table.
	 * @param table the table
	 */
	public TransitionStatements(TaskTable table) {
		this.finish = new FinishStatements(table);
		this.advance = table.sql(PassedSteps.append(table, ADVANCE));
		this.checkpoint = table.sql(CHECKPOINT);
		this.release = new ReleaseStatement(table);
		this.giveBack = table.sql(GIVE_BACK);
		this.cancel = CancelRequests.sql(table);
		this.lockable = table.sql(LOCKABLE);
		this.present = table.sql(PRESENT);
	}

	/**
	 * Begin a batch: its statements wait for a row lock only for a short time, and find
	 * their rows by their ids.
	 * @param connection a connection in a transaction
	 * @throws SQLException if the database refuses
	 */
	public void begin(Connection connection) throws SQLException {
		run(connection, PREPARE);
	}

	/**
	 * Save transitions. A task that somebody asked to cancel ends with any of them.
	 * @param connection a connection in a transaction
	 * @param transitions the transitions
	 * @param cancelled is given the claims whose task was ended in that way
	 * @return the claims whose transition was saved; the others have lost their lease
	 * @throws SQLException if the database refuses one of them
	 */
	public Set<ClaimKey> save(Connection connection, List<Transition> transitions, Consumer<ClaimKey> cancelled)
			throws SQLException {
		Set<ClaimKey> saved = new HashSet<>(2 * transitions.size());
		CancelRequests requests = new CancelRequests();
		EndNotifier ends = new EndNotifier();
		this.finish.execute(connection, only(Transition.Finish.class, transitions), saved, ends);
		advance(connection, only(Transition.Advance.class, transitions), saved, requests);
		checkpoint(connection, only(Transition.Checkpoint.class, transitions), saved);
		this.release.execute(connection, only(Transition.Release.class, transitions), requests,
				ends.telling(EndNotice.Way.ERRORED, saved));
		giveBack(connection, only(Transition.GiveBack.class, transitions), saved, requests);
		requests.carryOut(connection, this.cancel, ends, cancelled);
		ends.send(connection);
		return saved;
	}

	/**
	 * Lock the rows of transitions that nobody else has locked.
	 * @param connection a connection in a transaction
	 * @param transitions the transitions
	 * @return the ids of the rows that are locked by this transaction now
	 * @throws SQLException if the database refuses
	 */
	public Set<UUID> lock(Connection connection, List<Transition> transitions) throws SQLException {
		return ids(connection, this.lockable, transitions);
	}

	/**
	 * Return which rows still exist.
	 * @param connection a connection
	 * @param transitions the transitions whose rows are asked for
	 * @return the ids of the rows that exist
	 * @throws SQLException if the database refuses
	 */
	public Set<UUID> present(Connection connection, List<Transition> transitions) throws SQLException {
		return ids(connection, this.present, transitions);
	}

	private static <T extends Transition> List<T> only(Class<T> kind, List<Transition> transitions) {
		List<T> matching = new ArrayList<>();
		for (Transition transition : transitions) {
			if (kind.isInstance(transition)) {
				matching.add(kind.cast(transition));
			}
		}
		return matching;
	}

	private void advance(Connection connection, List<Transition.Advance> advanced, Set<ClaimKey> saved,
			CancelRequests requests) throws SQLException {
		execute(connection, this.advance, advanced, List.of(new TransitionColumn<>("text", Transition.Advance::text)),
				requests.reading(saved));
	}

	private void checkpoint(Connection connection, List<Transition.Checkpoint> checkpoints, Set<ClaimKey> saved)
			throws SQLException {
		execute(connection, this.checkpoint, checkpoints,
				List.of(new TransitionColumn<>("text", Transition.Checkpoint::text),
						new TransitionColumn<>("bool", Transition.Checkpoint::anew),
						new TransitionColumn<>("int8", (checkpoint) -> DatabaseTimes.microseconds(checkpoint.lease()))),
				(row) -> saved.add(key(row)));
	}

	private void giveBack(Connection connection, List<Transition.GiveBack> givenBack, Set<ClaimKey> saved,
			CancelRequests requests) throws SQLException {
		execute(connection, this.giveBack, givenBack,
				List.of(new TransitionColumn<>("bool", Transition.GiveBack::counted)), requests.reading(saved));
		if (!givenBack.isEmpty()) {
			// The other workers believe these rows to be taken until their leases end.
			run(connection, NOTIFY);
		}
	}

	private static void run(Connection connection, String sql) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.execute();
		}
	}

	static <T extends Transition> void execute(Connection connection, String sql, List<T> transitions,
			List<TransitionColumn<T>> columns, RowReader reader) throws SQLException {
		if (transitions.isEmpty()) {
			return;
		}
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			int parameter = 1;
			UuidArray.set(statement, parameter++, transitions, Transition::id);
			UuidArray.set(statement, parameter++, transitions, Transition::token);
			for (TransitionColumn<T> column : columns) {
				column.set(statement, parameter++, transitions);
			}
			UuidArray.set(statement, parameter, transitions, Transition::id);
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					reader.read(rows);
				}
			}
		}
	}

	static ClaimKey key(ResultSet row) throws SQLException {
		return new ClaimKey(row.getObject(1, UUID.class), row.getObject(2, UUID.class));
	}

	private static Set<UUID> ids(Connection connection, String sql, List<Transition> transitions) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			UuidArray.set(statement, 1, transitions, Transition::id);
			try (ResultSet rows = statement.executeQuery()) {
				Set<UUID> ids = new HashSet<>();
				while (rows.next()) {
					ids.add(rows.getObject(1, UUID.class));
				}
				return ids;
			}
		}
	}

	/** Takes a row that a statement returns for a transition it has saved. */
	interface RowReader {

		void read(ResultSet row) throws SQLException;

	}

}
