package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterUtils;
import org.springframework.jdbc.core.namedparam.ParsedSql;

/**
 * A statement with named parameters. Its text depends on which parameters it has, and
 * never on their values.
 */
final class NamedStatement {

	private final ParsedSql sql;

	private final MapSqlParameterSource parameters;

	NamedStatement(String sql, MapSqlParameterSource parameters) {
		this.sql = NamedParameterUtils.parseSqlStatement(sql);
		this.parameters = parameters;
	}

	/** The statement with question marks for its parameters. */
	String sql() {
		return NamedParameterUtils.substituteNamedParameters(this.sql, this.parameters);
	}

	void bind(PreparedStatement statement) throws SQLException {
		@Nullable Object[] values = NamedParameterUtils.buildValueArray(this.sql, this.parameters, null);
		for (int i = 0; i < values.length; i++) {
			statement.setObject(i + 1, values[i]);
		}
	}

}
