package io.pgtask.store;

import java.sql.Connection;
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

	private static final LocalSettings SETTINGS = new LocalSettings("jit", "enable_seqscan", "plan_cache_mode");

	private static final List<String> OF_A_QUERY = List.of("off", "off", "force_custom_plan");

	private QuerySettings() {
	}

	/** Make the settings for the rest of a transaction. */
	static void apply(Connection connection) throws SQLException {
		SETTINGS.set(connection, OF_A_QUERY);
	}

	/** Return the settings of somebody's transaction, to be restored. */
	static List<String> replace(Connection connection) throws SQLException {
		return SETTINGS.replace(connection, OF_A_QUERY);
	}

	static void restore(Connection connection, List<String> settings) throws SQLException {
		SETTINGS.set(connection, settings);
	}

}
