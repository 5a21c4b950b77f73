package io.pgtask.faults;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What is still in the table when everything is over.
 */
final class LeftTasks {

	private static final String LEFT = """
			SELECT step, coalesce(error, ''), (extract(epoch FROM lock_expires_at) * 1000000)::bigint
			FROM pg_task
			WHERE task IN ('Trip', 'Booking')
			""";

	private LeftTasks() {
	}

	/** Records what is left. What no step can read is parked, and no task of ours. */
	static void record(JdbcClient jdbc, Journal journal) {
		jdbc.sql(LEFT)
			.query((row, number) -> RecordedStatement.left(row.getString(1), row.getString(2), row.getLong(3)))
			.list()
			.stream()
			.filter((event) -> !event.step().isEmpty() || event.detail().isEmpty())
			.forEach((event) -> journal.write(event, ""));
	}

}
