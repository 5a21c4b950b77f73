package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Settings of the server that are changed for a part of somebody's transaction, and put
 * back for the rest of it.
 */
final class LocalSettings {

	private final List<String> names;

	private final String replace;

	private final String set;

	LocalSettings(String... names) {
		this.names = List.of(names);
		String changes = forEach("set_config('{name}', ?, true)");
		this.set = "SELECT " + changes;
		// The CTE is computed before the rest.
		this.replace = "WITH before AS MATERIALIZED (SELECT " + forEach("current_setting('{name}') AS {name}")
				+ ") SELECT " + forEach("before.{name}") + ", " + changes + " FROM before";
	}

	private String forEach(String expression) {
		return this.names.stream().map((name) -> expression.replace("{name}", name)).collect(Collectors.joining(", "));
	}

	/**
	 * Replace the settings.
	 * @param values the new ones, in the order of their names
	 * @return those that held before, for {@link #set}
	 */
	List<String> replace(Connection connection, List<String> values) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.replace)) {
			bind(statement, values);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				List<String> before = new ArrayList<>();
				for (int i = 1; i <= this.names.size(); i++) {
					before.add(row.getString(i));
				}
				return before;
			}
		}
	}

	/** Make settings for the rest of a transaction, in the order of their names. */
	void set(Connection connection, List<String> values) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.set)) {
			bind(statement, values);
			statement.execute();
		}
	}

	private static void bind(PreparedStatement statement, List<String> values) throws SQLException {
		for (int i = 0; i < values.size(); i++) {
			statement.setString(i + 1, values.get(i));
		}
	}

}
