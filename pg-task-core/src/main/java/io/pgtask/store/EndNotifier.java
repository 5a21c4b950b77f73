package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Collects the awaited tasks that end in a transaction, and tells of them within it. A
 * transaction that notifies waits at its commit for every other one that does, so one
 * that ends no awaited task sends nothing.
 */
final class EndNotifier {

	private static final String NOTIFY = "SELECT " + NotificationQueue.tell(EndNotice.CHANNEL, "notice")
			+ " FROM unnest(?::text[]) notice";

	private final Map<EndNotice.Way, List<UUID>> ended = new EnumMap<>(EndNotice.Way.class);

	/**
	 * Read the rows of a statement that may end tasks: its third column tells whether the
	 * task has ended and is awaited.
	 * @param way how its tasks end
	 * @param saved where to put what it has saved
	 */
	TransitionStatements.RowReader telling(EndNotice.Way way, Set<ClaimKey> saved) {
		return (row) -> {
			ClaimKey key = TransitionStatements.key(row);
			saved.add(key);
			if (row.getBoolean(3)) {
				add(way, key.id());
			}
		};
	}

	void add(EndNotice.Way way, UUID id) {
		this.ended.computeIfAbsent(way, (none) -> new ArrayList<>()).add(id);
	}

	/**
	 * Tell of what was collected; those who wait are told when the transaction commits.
	 */
	void send(Connection connection) throws SQLException {
		if (this.ended.isEmpty()) {
			return;
		}
		List<String> payloads = new ArrayList<>();
		this.ended.forEach((way, ids) -> payloads.addAll(EndNotice.payloads(way, ids)));
		send(connection, payloads);
	}

	/** Tell of awaited tasks that have ended in the transaction. */
	static void send(Connection connection, EndNotice.Way way, List<UUID> ids) throws SQLException {
		send(connection, EndNotice.payloads(way, ids));
	}

	private static void send(Connection connection, List<String> payloads) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(NOTIFY)) {
			statement.setArray(1, connection.createArrayOf("text", payloads.toArray()));
			statement.execute();
		}
	}

}
