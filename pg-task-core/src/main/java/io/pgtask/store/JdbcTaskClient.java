package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.Delays;
import io.pgtask.TaskClient;
import io.pgtask.TaskHeadersContributor;
import io.pgtask.codec.EncodedStep;
import io.pgtask.codec.StepCodec;
import org.jspecify.annotations.Nullable;

/**
 * Enqueues tasks by one {@code INSERT} each. It joins the running Spring transaction of
 * its data source; workers are woken when that is committed, and by nothing the caller
 * would have to wait for. Thread-safe.
 * <p>
 * Ids are UUIDs of version 7, so that they sort by the time they were made. The clock of
 * this machine goes into the id and nowhere else: every due time is computed by the
 * database.
 */
public final class JdbcTaskClient implements TaskClient {

	// The mark "quiet" keeps the table's trigger from notifying: in 32 concurrent
	// transactions that costs two thirds of the throughput, and Wakeups does it for many
	// tasks at once.
	private static final String INSERT_AFTER = """
			INSERT INTO {table} (id, step, headers, quiet, wakeup_at)
			VALUES (?, ?, ?::jsonb, true, statement_timestamp() + ? * interval '1 microsecond')
			""";

	// A time in the past means now: what is due for longer must not be overtaken.
	private static final String INSERT_AT = """
			INSERT INTO {table} (id, step, headers, quiet, wakeup_at)
			VALUES (?, ?, ?::jsonb, true, GREATEST(statement_timestamp(), ?))
			""";

	private final CallerConnection connection;

	private final StepCodec codec;

	private final List<TaskHeadersContributor> contributors;

	private final Wakeups wakeups;

	private final String insertAfter;

	private final String insertAt;

	/**
	 * Create a client.
	 * @param dataSource where the table is
	 * @param table the table
	 * @param codec writes the states
	 * @param contributors add headers to every task
	 * @param wakeups wakes the workers
	 */
	public JdbcTaskClient(DataSource dataSource, TaskTable table, StepCodec codec,
			List<TaskHeadersContributor> contributors, Wakeups wakeups) {
		this.connection = new CallerConnection(dataSource);
		this.codec = codec;
		this.contributors = List.copyOf(contributors);
		this.wakeups = wakeups;
		this.insertAfter = table.sql(INSERT_AFTER);
		this.insertAt = table.sql(INSERT_AT);
	}

	@Override
	public UUID enqueue(Object state) {
		return delay(state, Duration.ZERO);
	}

	/**
	 * {@inheritDoc} A delay of more than 200,000 years counts as 200,000 years.
	 */
	@Override
	public UUID delay(Object state, Duration delay) {
		long microseconds = DatabaseTimes.microseconds(Delays.requireNotNegative(delay));
		return insert(this.insertAfter, state, (statement, index) -> statement.setLong(index, microseconds));
	}

	/**
	 * {@inheritDoc} It is used to the microsecond, rounded up.
	 * @throws IllegalArgumentException if PostgreSQL has no timestamp that late
	 */
	@Override
	public UUID schedule(Object state, Instant instant) {
		Objects.requireNonNull(instant, "The instant must not be null; use enqueue(state) to run at once");
		OffsetDateTime timestamp = DatabaseTimes.timestamp(instant);
		return insert(this.insertAt, state, (statement, index) -> statement.setObject(index, timestamp));
	}

	private UUID insert(String sql, Object state, DueTime dueTime) {
		Objects.requireNonNull(state, "The state must not be null");
		EncodedStep step = this.codec.encode(state);
		String headers = TaskHeaders.collect(step, this.contributors);
		UUID id = TaskIds.shared().next();
		return this.connection.execute("enqueue task", sql, (statement) -> {
			bind(statement, id, step, headers);
			dueTime.bind(statement, 4);
			statement.executeUpdate();
			return id;
		}, (inserted, committed) -> CommitWakeup.request(this.wakeups, committed));
	}

	/** The types never change, so that the driver need not prepare the statement anew. */
	private static void bind(PreparedStatement statement, UUID id, EncodedStep step, @Nullable String headers)
			throws SQLException {
		statement.setObject(1, id);
		statement.setString(2, step.text());
		statement.setObject(3, headers, Types.VARCHAR);
	}

	/** Binds the parameter that the due time is computed from. */
	private interface DueTime {

		void bind(PreparedStatement statement, int index) throws SQLException;

	}

}
