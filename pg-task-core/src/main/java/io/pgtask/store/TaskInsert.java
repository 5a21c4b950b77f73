package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;

import io.pgtask.TaskOptions;
import org.jspecify.annotations.Nullable;

/**
 * The statements that insert one task whose key nobody else can have. They need no
 * privilege but {@code INSERT}. The types of their parameters never change, so that the
 * driver need not prepare them anew.
 */
final class TaskInsert {

	// The mark "quiet" keeps the table's trigger from notifying: in 32 concurrent
	// transactions that costs two thirds of the throughput, and Wakeups does it for many
	// tasks at once.
	private static final String AFTER = """
			INSERT INTO {table} (id, step, headers, quiet, wakeup_at)
			VALUES (?, ?, ?::jsonb, true, statement_timestamp() + ? * interval '1 microsecond')
			""";

	// A time in the past means now: what is due for longer must not be overtaken.
	private static final String AT = """
			INSERT INTO {table} (id, step, headers, quiet, wakeup_at)
			VALUES (?, ?, ?::jsonb, true, GREATEST(statement_timestamp(), ?))
			""";

	// For a caller who is about to wait. Its parameters are those of AFTER.
	private static final String AWAITED = """
			INSERT INTO {table} (id, step, headers, quiet, wakeup_at, awaited)
			VALUES (?, ?, ?::jsonb, true, statement_timestamp() + ? * interval '1 microsecond', true)
			""";

	private static final String WITH_OPTIONS = """
			INSERT INTO {table} (id, step, headers, quiet, wakeup_at, priority, tags, deadline)
			VALUES (?, ?, ?::jsonb, true, GREATEST(statement_timestamp() + ? * interval '1 microsecond', ?::timestamptz),
				?, ?::text[], COALESCE(?::timestamptz, statement_timestamp() + ?::bigint * interval '1 microsecond'))
			""";

	// For a task that a worker of this JVM starts as soon as the row is committed: as
	// if it had been claimed at once. Whether its type is paused only the database
	// knows for sure. Who has a worker may read what it has inserted.
	private static final String DIRECT = """
			INSERT INTO {table} (id, step, headers, quiet, wakeup_at, priority, tags, deadline, awaited, locked_by,
				lock_expires_at, delivery)
			SELECT ?, ?, ?::jsonb, true, statement_timestamp(), ?, ?::text[],
				COALESCE(?::timestamptz, statement_timestamp() + ?::bigint * interval '1 microsecond'), ?,
				CASE WHEN free THEN ?::uuid END,
				CASE WHEN free THEN statement_timestamp() + ? * interval '1 microsecond' END,
				CASE WHEN free THEN 1 ELSE 0 END
			FROM (SELECT NOT EXISTS (SELECT FROM {paused} p WHERE p.task = ?) AS free) AS type
			RETURNING wakeup_at, lock_expires_at, CASE WHEN deadline < statement_timestamp() THEN deadline END
			""";

	private final String after;

	private final String at;

	private final String awaited;

	private final String withOptions;

	private final String direct;

	TaskInsert(TaskTable table) {
		this.after = table.sql(AFTER);
		this.at = table.sql(AT);
		this.awaited = table.sql(AWAITED);
		this.withOptions = table.sql(WITH_OPTIONS);
		this.direct = table.sql(DIRECT);
	}

	/** Return the smallest statement for a task. */
	String sql(NewTask task) {
		return switch (kind(task.options())) {
			case AFTER -> this.after;
			case AT -> this.at;
			case WITH_OPTIONS -> this.withOptions;
		};
	}

	/** Return the statement for a task without options whose caller waits for its end. */
	String awaitedSql() {
		return this.awaited;
	}

	/** Return the statement for a task that a worker starts directly. */
	String directSql() {
		return this.direct;
	}

	/** Bind a task to the statement that was chosen for it. */
	void bind(PreparedStatement statement, NewTask task) throws SQLException {
		statement.setObject(1, task.id());
		statement.setString(2, task.text());
		statement.setObject(3, task.headers(), Types.VARCHAR);
		switch (kind(task.options())) {
			case AFTER -> statement.setLong(4, task.delayMicroseconds());
			case AT -> bindTimestamp(statement, 4, task.dueAt());
			case WITH_OPTIONS -> bindOptions(statement, task);
		}
	}

	private static void bindOptions(PreparedStatement statement, NewTask task) throws SQLException {
		statement.setLong(4, task.delayMicroseconds());
		bindTimestamp(statement, 5, task.dueAt());
		statement.setInt(6, task.options().priority());
		statement.setObject(7, task.tags(), Types.VARCHAR);
		bindTimestamp(statement, 8, task.startBy());
		statement.setObject(9, task.startWithinMicroseconds(), Types.BIGINT);
	}

	/**
	 * Execute the statement for a task that a worker starts directly.
	 * @param awaited whether its caller waits for its end
	 * @return the row as a claim would have returned it, or {@code null} if nobody has
	 * claimed it, because its type is paused
	 */
	@Nullable ClaimedTask insertDirect(PreparedStatement statement, NewTask task, boolean awaited, DirectOffer offer)
			throws SQLException {
		statement.setObject(1, task.id());
		statement.setString(2, task.text());
		statement.setObject(3, task.headers(), Types.VARCHAR);
		statement.setInt(4, task.options().priority());
		statement.setObject(5, task.tags(), Types.VARCHAR);
		bindTimestamp(statement, 6, task.startBy());
		statement.setObject(7, task.startWithinMicroseconds(), Types.BIGINT);
		statement.setObject(8, awaited ? true : null, Types.BOOLEAN);
		statement.setObject(9, offer.token());
		statement.setLong(10, DatabaseTimes.microseconds(offer.lease()));
		statement.setString(11, task.taskType());
		try (ResultSet row = statement.executeQuery()) {
			row.next();
			OffsetDateTime leaseEnd = row.getObject(2, OffsetDateTime.class);
			OffsetDateTime missedDeadline = row.getObject(3, OffsetDateTime.class);
			return (leaseEnd == null) ? null
					: new ClaimedTask(task.id(), offer.token(), task.taskType(), task.options().priority(), task.text(),
							0, 1, TaskHeaders.read(task.headers()), row.getObject(1, OffsetDateTime.class).toInstant(),
							leaseEnd.toInstant(), null, (missedDeadline != null) ? missedDeadline.toInstant() : null,
							false, 0);
		}
	}

	private static void bindTimestamp(PreparedStatement statement, int index, @Nullable OffsetDateTime timestamp)
			throws SQLException {
		statement.setObject(index, timestamp, Types.TIMESTAMP_WITH_TIMEZONE);
	}

	private static Kind kind(TaskOptions options) {
		boolean plain = options.priority() == TaskOptions.DEFAULT_PRIORITY && options.tags().isEmpty()
				&& options.startWithin() == null && options.startBy() == null;
		return !plain ? Kind.WITH_OPTIONS : (options.dueAt() != null) ? Kind.AT : Kind.AFTER;
	}

	private enum Kind {

		AFTER, AT, WITH_OPTIONS

	}

}
