package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

/**
 * What PostgreSQL itself gives: the smallest durable life cycle of a task straight on
 * JDBC, on the table and the indexes of pg-task, without its triggers.
 */
final class FloorContender implements Contender {

	private static final String DROP_TRIGGERS = """
			DO $$
			DECLARE
				name text;
			BEGIN
				FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'pg_task'::regclass AND NOT tgisinternal LOOP
					EXECUTE format('DROP TRIGGER %I ON pg_task', name);
				END LOOP;
			END;
			$$
			""";

	@Override
	public String description(DataSource database) throws SQLException {
		return "%d connections, batches of %d%n%s%n%n%s%n%n%s%n%s%n%s%n%s".formatted(FloorEngine.THREADS,
				FloorEngine.BATCH, ddl(database), FloorStatements.SESSION, FloorStatements.CLAIM,
				FloorStatements.ADVANCE, FloorStatements.FINISH, FloorStatements.INSERT);
	}

	private static String ddl(DataSource database) throws SQLException {
		try (Connection connection = database.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(FloorStatements.DDL)) {
			row.next();
			return row.getString(1);
		}
	}

	@Override
	public void createTables(DataSource database) throws SQLException {
		PgTaskTable.create(database);
		try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(DROP_TRIGGERS);
		}
	}

	@Override
	public void fill(DataSource database, Workload workload, int tasks) throws SQLException {
		PgTaskTable.fill(database, workload, tasks);
	}

	@Override
	public boolean isDrained(Connection connection) throws SQLException {
		return PgTaskTable.isDrained(connection);
	}

	@Override
	public int connections() {
		return FloorEngine.THREADS;
	}

	@Override
	public Engine open(DataSource pool, Workload workload, Progress progress) {
		return new FloorEngine(pool, workload, progress);
	}

}
