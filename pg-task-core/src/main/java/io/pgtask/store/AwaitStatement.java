package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.TaskEnd;
import org.jspecify.annotations.Nullable;

/**
 * Looks at tasks that somebody waits for, any number in one statement, and marks those
 * that are not marked yet, so that whoever ends them says so.
 */
public final class AwaitStatement {

	// A row that someone has locked is not waited for: it is marked by a later look,
	// unless its lock is that of its end. The mark belongs to no index. Nobody needs it
	// after a crash of the server that has not been looked at since.
	private static final String LOOK = """
			WITH unmarked AS MATERIALIZED (
				SELECT t.id
				FROM {table} t
				WHERE t.id = ANY (?::uuid[]) AND t.awaited IS NOT TRUE AND {notParked}
				ORDER BY t.id
				FOR NO KEY UPDATE SKIP LOCKED
			), marked AS (
				UPDATE {table} t
				SET awaited = true
				WHERE t.id = ANY (ARRAY(SELECT id FROM unmarked))
				RETURNING t.id
			)
			SELECT t.id, t.error, t.awaited IS TRUE OR t.id = ANY (ARRAY(SELECT id FROM marked)) AS marked
			FROM {table} t
			WHERE t.id = ANY (?::uuid[])
			""".replace("{notParked}", Planning.NOT_PARKED);

	private final String sql;

	private final EndedLook ended;

	/**
	 * Create the statement for a table.
	 * @param table the table
	 */
	public AwaitStatement(TaskTable table) {
		this.sql = Planning.with(Planning.BY_IDS + ", " + Planning.WITHOUT_WAITING, table.sql(LOOK));
		this.ended = new EndedLook(table);
	}

	/**
	 * Look at tasks and mark them.
	 * @param connection a connection that commits every statement
	 * @param ids the ids of the tasks
	 * @return what was found
	 * @throws SQLException if the database refuses
	 */
	public Look look(Connection connection, Collection<UUID> ids) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			UuidArray.set(statement, 1, ids);
			UuidArray.set(statement, 2, ids);
			try (ResultSet rows = Planning.query(statement)) {
				Map<UUID, Found> found = new HashMap<>();
				while (rows.next()) {
					found.put(rows.getObject(1, UUID.class), new Found(rows.getString(2), rows.getBoolean(3)));
				}
				return new Look(found, this.ended.look(connection, missing(ids, found)));
			}
		}
	}

	private static List<UUID> missing(Collection<UUID> ids, Map<UUID, Found> found) {
		return ids.stream().filter((id) -> !found.containsKey(id)).toList();
	}

	/**
	 * What a look has found.
	 *
	 * @param tasks the tasks that exist
	 * @param ended how others have ended, as far as that is kept
	 */
	public record Look(Map<UUID, Found> tasks, Map<UUID, TaskEnd> ended) {

	}

	/**
	 * A task that exists.
	 *
	 * @param error what it is parked with, or {@code null}
	 * @param marked whether its end will be told
	 */
	public record Found(@Nullable String error, boolean marked) {
	}

}
