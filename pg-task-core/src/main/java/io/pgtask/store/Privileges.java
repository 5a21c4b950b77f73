package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import io.pgtask.PgTaskConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * What a database user must be allowed to do for a part that an application plays.
 *
 * @param onTables the privileges by the table; in their order is told what is missing
 * @param functions the names of the functions it executes, itself or by what it writes
 * @param alternative what to do instead of a grant of the functions, or an empty text
 */
record Privileges(SortedMap<String, String> onTables, List<String> functions, String alternative) {

	private static final String EVERYTHING = "SELECT,INSERT,UPDATE,DELETE";

	/** The server computes the column "task" of a row as the user who writes it. */
	private static final List<String> TO_WRITE = List.of("pg_task_type");

	private static final List<String> TO_RECORD = List.of("pg_task_type", "pg_task_step");

	private static final List<String> TO_KEEP_HOUSE = List.of("pg_task_history_due", "pg_task_history_prepare",
			"pg_task_history_prune");

	private static final String MISSING_USAGE = """
			SELECT current_user, format('GRANT USAGE ON SCHEMA %I TO %I', ?::text, current_user)
			WHERE NOT has_schema_privilege(?, 'USAGE')
			""";

	private static final String MISSING_ON_TABLE = """
			SELECT string_agg(p, ', '), format('GRANT %s ON %I.%I TO %I', string_agg(p, ', '), n.nspname, c.relname, current_user)
			FROM string_to_table(?, ',') AS p, pg_class c
			JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = ? AND c.relname = ? AND NOT has_table_privilege(c.oid, p)
			GROUP BY n.nspname, c.relname
			""";

	private static final String MISSING_FUNCTIONS = """
			SELECT string_agg(format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), ', ' ORDER BY p.proname),
				format('GRANT EXECUTE ON FUNCTION %s TO %I',
					string_agg(format('%I.%I', n.nspname, p.proname), ', ' ORDER BY p.proname), current_user)
			FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
			WHERE n.nspname = ? AND p.proname = ANY (string_to_array(?, ',')) AND NOT has_function_privilege(p.oid, 'EXECUTE')
			HAVING count(*) > 0
			""";

	/** Who enqueues and does nothing else. */
	static Privileges ofProducer(TaskTable table) {
		return new Privileges(tables(table, Map.of(TaskTable.NAME, "INSERT"), "SELECT", "SELECT"), TO_WRITE, "");
	}

	/** Who looks and changes nothing. */
	static Privileges ofReader(TaskTable table) {
		Map<String, String> always = Map.of(TaskTable.NAME, "SELECT", TaskTable.NAME_OF_PAUSED, "SELECT");
		return new Privileges(tables(table, always, "SELECT", "SELECT"), List.of(), "");
	}

	static Privileges ofWorker(TaskTable table) {
		Map<String, String> always = Map.of(TaskTable.NAME, EVERYTHING, TaskTable.NAME_OF_PAUSED, "SELECT");
		return new Privileges(tables(table, always, "SELECT,INSERT", EVERYTHING),
				table.history().isOn() ? TO_RECORD : TO_WRITE, "");
	}

	/** Who moves dead tasks and keeps the partitions of the history in order. */
	static Privileges ofHousekeeper(TaskTable table) {
		return new Privileges(ofWorker(table).onTables(), table.history().isOn() ? TO_KEEP_HOUSE : List.of(),
				", or set pg-task.housekeeping.enabled to false on all nodes but those whose user may");
	}

	private static SortedMap<String, String> tables(TaskTable table, Map<String, String> always, String onHistory,
			String onDeadTasks) {
		SortedMap<String, String> privileges = new TreeMap<>(always);
		if (table.history().isOn()) {
			privileges.put(TaskTable.NAME_OF_HISTORY, onHistory);
		}
		if (table.history().deadTasks()) {
			privileges.put(TaskTable.NAME_OF_DEAD, onDeadTasks);
		}
		return privileges;
	}

	/**
	 * Ask the database whether its current user has them.
	 * @throws PgTaskConfigurationException if one is missing, with the statement that
	 * grants it
	 */
	void verify(Connection connection, String schema) throws SQLException {
		String user = connection.getMetaData().getUserName();
		Missing usage = query(connection, MISSING_USAGE, schema, schema);
		if (usage != null) {
			throw refusal(
					"The database user %s may not use the schema '%s' of the table pg_task".formatted(user, schema),
					usage, "");
		}
		for (Map.Entry<String, String> needed : this.onTables.entrySet()) {
			Missing missing = query(connection, MISSING_ON_TABLE, needed.getValue(), schema, needed.getKey());
			if (missing != null) {
				throw refusal("The database user %s lacks privileges on the table %s in schema '%s': %s".formatted(user,
						needed.getKey(), schema, missing.what()), missing, "");
			}
		}
		Missing missing = query(connection, MISSING_FUNCTIONS, schema, String.join(",", this.functions));
		if (missing != null) {
			throw refusal("The database user %s may not execute functions in schema '%s' that it needs: %s"
				.formatted(user, schema, missing.what()), missing, this.alternative);
		}
	}

	private static PgTaskConfigurationException refusal(String message, Missing missing, String alternative) {
		return new PgTaskConfigurationException(message,
				"Let the owner of the schema run \"%s\"%s.".formatted(missing.grant(), alternative));
	}

	private static @Nullable Missing query(Connection connection, String sql, String... parameters)
			throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int index = 0; index < parameters.length; index++) {
				statement.setString(index + 1, parameters[index]);
			}
			try (ResultSet row = statement.executeQuery()) {
				return row.next() ? new Missing(row.getString(1), row.getString(2)) : null;
			}
		}
	}

	/**
	 * Something that is missing.
	 *
	 * @param what its name
	 * @param grant the statement that gives it
	 */
	private record Missing(String what, String grant) {

	}

}
