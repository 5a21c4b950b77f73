package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.UUID;
import java.util.function.Function;

/**
 * An array of ids as a parameter of a statement that casts it to {@code uuid[]}. The
 * driver would write it character by character, in search of something to escape.
 */
final class UuidArray {

	private static final int TEXT_LENGTH = 36;

	private UuidArray() {
	}

	static void set(PreparedStatement statement, int parameter, Collection<UUID> ids) throws SQLException {
		set(statement, parameter, ids, Function.identity());
	}

	static <T> void set(PreparedStatement statement, int parameter, Collection<? extends T> items,
			Function<? super T, UUID> id) throws SQLException {
		statement.setObject(parameter, literal(items, id), Types.OTHER);
	}

	/** Write ids as a literal of an array. */
	static String literal(Collection<UUID> ids) {
		return literal(ids, Function.identity());
	}

	private static <T> String literal(Collection<? extends T> items, Function<? super T, UUID> id) {
		StringBuilder literal = new StringBuilder(2 + items.size() * (TEXT_LENGTH + 1));
		char separator = '{';
		for (T item : items) {
			literal.append(separator).append(id.apply(item));
			separator = ',';
		}
		if (items.isEmpty()) {
			literal.append(separator);
		}
		return literal.append('}').toString();
	}

}
