package io.pgtask.store;

import java.util.UUID;

import io.pgtask.test.TestDatabase;

/**
 * A table with a history and dead tasks, and whoever keeps it in order.
 */
final class House {

	static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL.withDeadTasks(true));

	static final String PARTITIONS = """
			SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
			WHERE i.inhparent = 'pg_task_history'::regclass AND c.relname <> 'pg_task_history_default' ORDER BY 1""";

	static final String RECORD = """
			INSERT INTO pg_task_history (id, task, outcome, tried, delivery, priority, created_at, ended_at)
			SELECT gen_random_uuid(), 'Greeter', 'DONE', 0, 1, 4, %1$s, %1$s""";

	/** The first instant of a day by its distance from today, in UTC. */
	static final String DAY = "(date_trunc('day', now() AT TIME ZONE 'UTC') + %d * interval '1 day') AT TIME ZONE 'UTC'";

	private final TestDatabase database;

	private final TaskRows rows;

	private final JdbcTaskHousekeeping housekeeping;

	House(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
		this.housekeeping = keptAs(HousekeepingSettings.DEFAULT);
	}

	TestDatabase database() {
		return this.database;
	}

	TaskRows rows() {
		return this.rows;
	}

	JdbcTaskHousekeeping housekeeping() {
		return this.housekeeping;
	}

	JdbcTaskHousekeeping keptAs(HousekeepingSettings settings) {
		return new JdbcTaskHousekeeping(this.database.dataSource(), TABLE, settings);
	}

	void emptyTables() {
		this.rows.reset();
		this.rows.strings(PARTITIONS).forEach((partition) -> this.rows.execute("DROP TABLE " + partition));
	}

	UUID parked(String time) {
		return this.rows.insert("error = 'no luck', tried = 3, parked_at = " + time);
	}

	void record(String endedAt) {
		this.rows.execute(RECORD.formatted(endedAt));
	}

	void partitionOf(int day) {
		this.rows.execute(
				"""
						DO $$ BEGIN EXECUTE format('CREATE TABLE %1$s PARTITION OF pg_task_history FOR VALUES FROM (%%L) TO (%%L)',
							%2$s, %3$s); END $$"""
					.formatted(partition(day), DAY.formatted(day), DAY.formatted(day + 1)));
	}

	String partition(int day) {
		return this.rows
			.strings("SELECT 'pg_task_history_' || to_char(now() AT TIME ZONE 'UTC' + " + day
					+ " * interval '1 day', 'YYYYMMDD')")
			.get(0);
	}

	long count(String table) {
		return Long.parseLong(this.rows.strings("SELECT count(*) FROM " + table).get(0));
	}

}
