package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Many new tasks as parameters of one statement: an array for each column, so that the
 * statement is the same for any number of them.
 */
final class TaskArrays {

	/** How many parameters {@link #ROWS} has. */
	static final int PARAMETERS = 12;

	/** The tasks as rows {@code o}, in their order. */
	static final String ROWS = """
			unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::smallint[], ?::text[], ?::text[], ?::text[],
				?::bigint[], ?::timestamptz[], ?::bigint[], ?::timestamptz[])
				AS o (id, task, step, headers, priority, tags, unique_key, on_conflict, delay, due_at, start_within, start_by)""";

	/** When the row {@code o} is due. */
	static final String DUE = "GREATEST(statement_timestamp() + o.delay * interval '1 microsecond', o.due_at)";

	/** The deadline of the row {@code o}. */
	static final String DEADLINE = """
			COALESCE(o.start_by, statement_timestamp() + o.start_within * interval '1 microsecond')""";

	private TaskArrays() {
	}

	/** Bind tasks to the first parameters of a statement. */
	static void bind(PreparedStatement statement, List<NewTask> tasks) throws SQLException {
		Binder binder = new Binder(statement, tasks);
		binder.bind("uuid", NewTask::id);
		binder.bind("text", NewTask::taskType);
		binder.bind("text", NewTask::text);
		binder.bind("text", NewTask::headers);
		binder.bind("int2", (task) -> task.options().priority());
		binder.bind("text", NewTask::tags);
		binder.bind("text", (task) -> task.options().uniqueKey());
		binder.bind("text", (task) -> task.options().onConflict().name());
		binder.bind("int8", NewTask::delayMicroseconds);
		binder.bind("timestamptz", (task) -> DatabaseTimes.text(task.dueAt()));
		binder.bind("int8", NewTask::startWithinMicroseconds);
		binder.bind("timestamptz", (task) -> DatabaseTimes.text(task.startBy()));
	}

	/** Binds one column after the other. */
	private static final class Binder {

		private final PreparedStatement statement;

		private final List<NewTask> tasks;

		private int index;

		Binder(PreparedStatement statement, List<NewTask> tasks) {
			this.statement = statement;
			this.tasks = tasks;
		}

		void bind(String type, Function<NewTask, @Nullable Object> column) throws SQLException {
			ArrayParameter.set(this.statement, ++this.index, type, this.tasks, column);
		}

	}

}
