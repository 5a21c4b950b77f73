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

import io.pgtask.TaskEnd;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what is kept of tasks whose rows are gone.
 */
final class EndedLook {

	private static final String RECORDED = """
			SELECT h.id, h.outcome, NULL AS error, h.ended_at AS at FROM {history} h WHERE h.id = ANY (?::uuid[])""";

	private static final String DEAD = """
			SELECT d.id, 'DEAD', d.error, d.moved_at FROM {dead} d WHERE d.id = ANY (?::uuid[])""";

	// An id may have been used again.
	private static final String LATEST = """
			SELECT DISTINCT ON (kept.id) kept.id, kept.outcome, kept.error
			FROM ({kept}) AS kept (id, outcome, error, at)
			ORDER BY kept.id, kept.at DESC
			""";

	private final int parameters;

	private final @Nullable String sql;

	EndedLook(TaskTable table) {
		List<String> kept = new ArrayList<>();
		if (table.history().isOn()) {
			kept.add(RECORDED);
		}
		if (table.history().deadTasks()) {
			kept.add(DEAD);
		}
		this.parameters = kept.size();
		this.sql = kept.isEmpty() ? null : Planning.with(Planning.WITHOUT_SCANS,
				table.sql(LATEST.replace("{kept}", String.join("\nUNION ALL\n", kept))));
	}

	/**
	 * Look for tasks.
	 * @return how they have ended, as far as it is known
	 */
	Map<UUID, TaskEnd> look(Connection connection, List<UUID> ids) throws SQLException {
		if (this.sql == null || ids.isEmpty()) {
			return Map.of();
		}
		try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
			for (int parameter = 1; parameter <= this.parameters; parameter++) {
				UuidArray.set(statement, parameter, ids);
			}
			Map<UUID, TaskEnd> ended = new HashMap<>();
			try (ResultSet rows = Planning.query(statement)) {
				while (rows.next()) {
					UUID id = rows.getObject(1, UUID.class);
					ended.put(id, new TaskEnd(id, outcome(rows.getString(2)), rows.getString(3)));
				}
			}
			return ended;
		}
	}

	private static TaskEnd.Outcome outcome(String recorded) {
		return switch (recorded) {
			case "DONE" -> TaskEnd.Outcome.DONE;
			case "CANCELLED" -> TaskEnd.Outcome.CANCELLED;
			case "DELETED" -> TaskEnd.Outcome.DELETED;
			case "EXPIRED", "LAPSED" -> TaskEnd.Outcome.EXPIRED;
			case "DEAD" -> TaskEnd.Outcome.ERRORED;
			default -> TaskEnd.Outcome.GONE;
		};
	}

}
