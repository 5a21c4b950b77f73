package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import io.pgtask.PgTaskConfigurationException;

/**
 * Tasks that are in the table and are not to be run until somebody confirms them. To the
 * workers such a row is due when the reservation ends; whoever claims it then deletes it.
 * So nobody has to look for reservations that have lapsed.
 */
final class Reservations {

	private static final String SHARED_WITH_RUST = "SELECT shared_with_rust FROM {schema}()";

	// In the order of the ids, so that two callers with the same ones do not wait for
	// each other in a circle. The second one sees what the first has changed, and
	// confirms only the rest.
	private static final String CONFIRM = """
			WITH reserved AS (
				SELECT t.id
				FROM {table} t
				WHERE t.id = ANY (?::uuid[]) AND t.hold = 'reserved' AND t.locked_by IS NULL
					AND t.wakeup_at > statement_timestamp()
				ORDER BY t.id
				FOR NO KEY UPDATE
			)
			UPDATE {table} t
			SET hold = NULL, hold_due = NULL, quiet = true, updated_at = statement_timestamp(),
				wakeup_at = GREATEST(t.hold_due, statement_timestamp())
			WHERE t.id = ANY (ARRAY(SELECT reserved.id FROM reserved))
			RETURNING t.id
			""";

	private static final Comparator<UUID> ORDER_OF_THE_DATABASE = Comparator
		.comparing(UUID::getMostSignificantBits, Long::compareUnsigned)
		.thenComparing(UUID::getLeastSignificantBits, Long::compareUnsigned);

	/** How many ids share a statement. */
	private static final int BATCH = 10_000;

	private final CallerConnection connections;

	private final KeyedInsert insert;

	private final String sharedWithRust;

	private final String confirm;

	Reservations(CallerConnection connections, TaskTable table, KeyedInsert insert) {
		this.connections = connections;
		this.insert = insert;
		this.sharedWithRust = SHARED_WITH_RUST.replace("{schema}", table.qualify("pg_task_schema"));
		this.confirm = table.sql(CONFIRM);
	}

	UUID reserve(Connection connection, NewTask task, Duration within) throws SQLException {
		refuseIfShared(connection);
		return this.insert.insert(connection, List.of(task), within).get(0);
	}

	/** Asked every time, because the mode may change at the start of any node. */
	private void refuseIfShared(Connection connection) throws SQLException {
		try (PreparedStatement statement = this.connections.prepare(connection, this.sharedWithRust);
				ResultSet row = statement.executeQuery()) {
			if (row.next() && row.getBoolean(1)) {
				throw new PgTaskConfigurationException(
						"A task cannot be reserved in a table that is shared with Rust workers: they would run it at the end of the reservation",
						"Enqueue the task when it is certain, or set pg-task.shared-with-rust=false when no Rust worker uses the table any more.");
			}
		}
	}

	Set<UUID> confirm(Connection connection, Collection<UUID> ids) throws SQLException {
		Set<UUID> confirmed = new HashSet<>();
		List<UUID> sorted = new ArrayList<>(ids);
		sorted.sort(ORDER_OF_THE_DATABASE);
		for (int start = 0; start < sorted.size(); start += BATCH) {
			confirm(connection, sorted.subList(start, Math.min(sorted.size(), start + BATCH)), confirmed);
		}
		return confirmed;
	}

	private void confirm(Connection connection, List<UUID> ids, Set<UUID> confirmed) throws SQLException {
		try (PreparedStatement statement = this.connections.prepare(connection, this.confirm)) {
			UuidArray.set(statement, 1, ids);
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					confirmed.add(rows.getObject(1, UUID.class));
				}
			}
		}
	}

}
