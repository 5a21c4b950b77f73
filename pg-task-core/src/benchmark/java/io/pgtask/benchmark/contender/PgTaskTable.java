package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.test.TaskSchema;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rows of pg-task and of the floor, which works on the same table.
 */
final class PgTaskTable {

	/** Written by the codec, then replaced by the number of each task. */
	private static final int PLACEHOLDER = 1_234_567_890;

	// Ids of version 7, as the client makes them: random ones would cost more. The
	// function uuidv7() is missing before PostgreSQL 18.
	private static final String INSERT = """
			INSERT INTO pg_task (id, step, quiet, wakeup_at)
			SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
					|| substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
				replace((?::text[])[1 + n % ?], ?, n::text), true, clock_timestamp()
			FROM generate_series(?, ?) n
			""";

	private static final String DRAINED = "SELECT /* benchmark */ NOT EXISTS (SELECT FROM pg_task)";

	private PgTaskTable() {
	}

	static void create(DataSource database) {
		TaskSchema.create(database);
	}

	static void fill(DataSource database, Workload workload, int tasks) throws SQLException {
		try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("TRUNCATE pg_task, pg_task_history");
			if (tasks > 0) {
				insert(connection, workload, 0, tasks);
			}
			statement.execute("VACUUM (ANALYZE) pg_task");
		}
	}

	/**
	 * Insert tasks by one statement, without a wake-up.
	 */
	static void insert(Connection connection, Workload workload, int first, int tasks) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
			statement.setArray(1, connection.createArrayOf("text", templates(workload)));
			statement.setInt(2, workload.types());
			statement.setString(3, String.valueOf(PLACEHOLDER));
			statement.setInt(4, first);
			statement.setInt(5, first + tasks - 1);
			statement.executeUpdate();
		}
	}

	static boolean isDrained(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(DRAINED)) {
			return row.next() && row.getBoolean(1);
		}
	}

	static String text(Workload workload, int number) {
		return producerCodec().encode(States.first(workload, number)).text();
	}

	private static String[] templates(Workload workload) {
		StepCodec codec = producerCodec();
		String[] templates = new String[workload.types()];
		for (int type = 0; type < templates.length; type++) {
			Object state = (workload.steps() > 1) ? new States.Journey.First(PLACEHOLDER)
					: States.SINGLES.get(type).apply(PLACEHOLDER);
			templates[type] = codec.encode(state).text();
		}
		return templates;
	}

	private static StepCodec producerCodec() {
		return new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty());
	}

}
