package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * A column of many rows as one array parameter of a statement.
 */
final class ArrayParameter {

	private ArrayParameter() {
	}

	/**
	 * Set the parameter.
	 * @param type the type of the array's elements in SQL
	 * @param rows the rows
	 * @param column the value of a row
	 */
	static <T> void set(PreparedStatement statement, int parameter, String type, List<? extends T> rows,
			Function<T, ? extends @Nullable Object> column) throws SQLException {
		@Nullable Object[] values = array(type, rows.size());
		for (int i = 0; i < values.length; i++) {
			values[i] = column.apply(rows.get(i));
		}
		statement.setArray(parameter, statement.getConnection().createArrayOf(type, values));
	}

	/** Strings the driver sends as they are, but objects it quotes one by one. */
	private static @Nullable Object[] array(String type, int size) {
		return type.equals("text") ? new @Nullable String[size] : new @Nullable Object[size];
	}

}
