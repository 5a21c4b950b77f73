package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * One array parameter of a statement, made of a property of every transition.
 *
 * @param <T> the kind of transition
 * @param type the type of the array's elements in SQL
 * @param value the property
 */
record TransitionColumn<T extends Transition>(String type, Function<T, @Nullable Object> value) {

	void set(PreparedStatement statement, int parameter, List<T> transitions) throws SQLException {
		ArrayParameter.set(statement, parameter, this.type, transitions, this.value);
	}

}
