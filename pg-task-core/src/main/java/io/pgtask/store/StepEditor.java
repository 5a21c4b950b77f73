package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

import io.pgtask.InvalidStateException;
import io.pgtask.codec.StepCodec;
import io.pgtask.codec.StepDecodingException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the text of a row from what an operator writes, and reads it as a worker would:
 * what is saved can be run.
 */
final class StepEditor {

	private static final String READ = """
			SELECT t.task, t.step FROM {table} t WHERE t.id = ?
			""";

	private final CallerConnection connection;

	private final Supplier<StepCodec> codec;

	private final String read;

	StepEditor(CallerConnection connection, TaskTable table, Supplier<StepCodec> codec) {
		this.connection = connection;
		this.codec = codec;
		this.read = table.sql(READ);
	}

	/**
	 * Prepare a change.
	 * @param step the step to go to, or {@code null} to stay
	 * @return the change, or empty if there is no such task
	 * @throws InvalidStateException if the text could not be run
	 */
	Optional<StepEdit> edit(UUID id, @Nullable String step, String stateJson) {
		return read(id).map((row) -> edit(row, step, stateJson));
	}

	private Optional<Row> read(UUID id) {
		return this.connection.execute("read task", this.read, (statement) -> {
			statement.setObject(1, id);
			return read(statement);
		});
	}

	private static Optional<Row> read(PreparedStatement statement) throws SQLException {
		try (ResultSet row = statement.executeQuery()) {
			return row.next() ? Optional.of(new Row(row.getString(1), row.getString(2))) : Optional.empty();
		}
	}

	private StepEdit edit(Row row, @Nullable String step, String stateJson) {
		String current = StepText.of(row.text()).step();
		String wanted = (step != null) ? step : current;
		if (row.taskType() == null || wanted == null) {
			throw new InvalidStateException("The row's text names no " + ((wanted == null) ? "step" : "task type")
					+ " to which a state could belong; correct the column \"step\" by SQL", null);
		}
		// The name of the type stands in the column as it is written in the text.
		String text = "{\"" + row.taskType() + "\":{" + StepPattern.quoted(wanted) + ":" + stateJson.strip() + "}}";
		requireReadable(text);
		return new StepEdit(row.text(), text, !wanted.equals(current));
	}

	private void requireReadable(String text) {
		if (!DatabaseText.canHold(text)) {
			throw new InvalidStateException("The state contains a character that PostgreSQL cannot hold", null);
		}
		try {
			this.codec.get().decode(text);
		}
		catch (StepDecodingException ex) {
			throw new InvalidStateException("The task cannot run with this state: " + ex.problem(), ex);
		}
	}

	private record Row(@Nullable String taskType, String text) {

	}

}
