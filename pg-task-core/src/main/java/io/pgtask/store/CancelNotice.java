package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The notification that somebody asks for the end of tasks that workers hold: their ids,
 * separated by blanks.
 */
public final class CancelNotice {

	/** The channel of these notifications. */
	public static final String CHANNEL = "pg_task_cancel";

	/** A notification has fewer than 8,000 bytes, and an id with its blank 37. */
	private static final int MOST_IDS = 200;

	private static final String NOTIFY = "SELECT " + NotificationQueue.tell(CHANNEL, "notice")
			+ " FROM unnest(?::text[]) notice";

	private CancelNotice() {
	}

	/** Tell the workers, when the transaction commits. */
	static void send(Connection connection, List<UUID> ids) throws SQLException {
		List<String> payloads = new ArrayList<>();
		for (int start = 0; start < ids.size(); start += MOST_IDS) {
			payloads.add(ids.subList(start, Math.min(start + MOST_IDS, ids.size()))
				.stream()
				.map(UUID::toString)
				.collect(Collectors.joining(" ")));
		}
		try (PreparedStatement statement = connection.prepareStatement(NOTIFY)) {
			statement.setArray(1, connection.createArrayOf("text", payloads.toArray()));
			statement.execute();
		}
	}

	/**
	 * Read a notification.
	 * @param payload its payload
	 * @return the ids of the tasks, none if it is not one of ours
	 */
	public static List<UUID> parse(String payload) {
		try {
			return Arrays.stream(payload.split(" ")).map(UUID::fromString).toList();
		}
		catch (IllegalArgumentException ex) {
			return List.of();
		}
	}

}
