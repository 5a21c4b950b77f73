package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

import io.pgtask.PausedType;
import io.pgtask.TaskAdmin.ActionResult;
import org.jspecify.annotations.Nullable;

/**
 * Pauses task types for all workers. The table's trigger tells those of other nodes.
 */
final class TypePauses {

	private static final String PAUSE = """
			INSERT INTO {paused} (task, paused_at, reason) VALUES (?, statement_timestamp(), ?) ON CONFLICT DO NOTHING
			""";

	private static final String RESUME = """
			DELETE FROM {paused} WHERE task = ?
			""";

	private static final String LIST = """
			SELECT task, paused_at, reason FROM {paused} ORDER BY task
			""";

	/** No row has a longer one: the table cuts it. */
	private static final int MAX_TYPE_LENGTH = 200;

	private final CallerConnection connection;

	private final Wakeups wakeups;

	private final String pause;

	private final String resume;

	private final String list;

	TypePauses(CallerConnection connection, TaskTable table, Wakeups wakeups) {
		this.connection = connection;
		this.wakeups = wakeups;
		this.pause = table.sql(PAUSE);
		this.resume = table.sql(RESUME);
		this.list = table.sql(LIST);
	}

	ActionResult pause(String taskType, @Nullable String reason) {
		if (!DatabaseText.canHold(taskType) || (reason != null && !DatabaseText.canHold(reason))) {
			throw new IllegalArgumentException(
					"The name of a task type, and the reason, must not contain a character that PostgreSQL cannot hold");
		}
		if (taskType.codePointCount(0, taskType.length()) > MAX_TYPE_LENGTH) {
			throw new IllegalArgumentException("The name of a task type has at most %d characters, but this one has %d"
				.formatted(MAX_TYPE_LENGTH, taskType.codePointCount(0, taskType.length())));
		}
		return change("pause task type", this.pause, (statement) -> {
			statement.setString(1, taskType);
			statement.setString(2, reason);
			return statement.executeUpdate();
		});
	}

	ActionResult resume(String taskType) {
		if (!DatabaseText.canHold(taskType)) {
			return ActionResult.NOT_APPLICABLE;
		}
		return change("resume task type", this.resume, (statement) -> {
			statement.setString(1, taskType);
			return statement.executeUpdate();
		});
	}

	private ActionResult change(String task, String sql, CallerConnection.StatementWork<Integer> work) {
		int changed = this.connection.execute(task, sql, work, (rows, committed) -> {
			if (rows > 0) {
				CommitWakeup.request(this.wakeups, committed);
			}
		});
		return (changed > 0) ? ActionResult.DONE : ActionResult.NOT_APPLICABLE;
	}

	List<PausedType> list() {
		return this.connection.execute("list paused task types", this.list, TypePauses::read);
	}

	private static List<PausedType> read(PreparedStatement statement) throws SQLException {
		try (ResultSet rows = statement.executeQuery()) {
			List<PausedType> paused = new ArrayList<>();
			while (rows.next()) {
				paused.add(new PausedType(rows.getString(1), rows.getObject(2, OffsetDateTime.class).toInstant(),
						rows.getString(3)));
			}
			return paused;
		}
	}

}
