package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * Settings of a transaction for a query that reads a small part of a large table and
 * stops early. The estimated cost of such a query is far above the real one: the server
 * would compile it, which takes a hundred times longer than executing it, or read the
 * whole table instead. It is also planned for its parameters, of which one may be
 * frequent and the next one rare.
 */
final class QuerySettings {

	private static final String CURRENT = """
			SELECT current_setting('jit'), current_setting('enable_seqscan'), current_setting('plan_cache_mode')
			""";

	private static final String SET = """
			SELECT set_config('jit', ?, true), set_config('enable_seqscan', ?, true),
				set_config('plan_cache_mode', ?, true)
			""";

	private static final List<String> OF_A_QUERY = List.of("off", "off", "force_custom_plan");

	private QuerySettings() {
	}

	/** Make the settings for the rest of a transaction. */
	static void apply(Connection connection) throws SQLException {
		set(connection, OF_A_QUERY);
	}

	/** Return the settings of somebody's transaction, to be restored. */
	static List<String> replace(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(CURRENT);
				ResultSet row = statement.executeQuery()) {
			row.next();
			List<String> current = List.of(row.getString(1), row.getString(2), row.getString(3));
			set(connection, OF_A_QUERY);
			return current;
		}
	}

	static void set(Connection connection, List<String> settings) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(SET)) {
			for (int i = 0; i < settings.size(); i++) {
				statement.setString(i + 1, settings.get(i));
			}
			statement.execute();
		}
	}

}
