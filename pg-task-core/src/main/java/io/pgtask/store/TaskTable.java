package io.pgtask.store;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.pgtask.PgTaskConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Where the table {@code pg_task} and its functions are: in the first schema of the
 * connection's search path, or in a named schema. Immutable and thread-safe.
 * <p>
 * A schema may have any name that PostgreSQL accepts (upper case, spaces, quotes, emoji):
 * it is taken literally, is always quoted, and must therefore be written as it is stored.
 */
public final class TaskTable {

	/** The unqualified name of the table. */
	public static final String NAME = "pg_task";

	/** The unqualified name of the table of paused task types. */
	static final String NAME_OF_PAUSED = "pg_task_paused";

	/** The unqualified name of the table of ended tasks. */
	static final String NAME_OF_HISTORY = "pg_task_history";

	/** The unqualified name of the table of dead tasks. */
	static final String NAME_OF_DEAD = "pg_task_dead";

	private static final Map<String, String> OBJECTS = Map.of("table", NAME, "paused", NAME_OF_PAUSED, "history",
			NAME_OF_HISTORY, "dead", NAME_OF_DEAD, "stepName", "pg_task_step", "historyDue", "pg_task_history_due");

	private static final Pattern PLACEHOLDER = Pattern.compile("\\{(table|paused|history|dead|stepName|historyDue)\\}");

	/** PostgreSQL silently cuts longer identifiers, measured in bytes. */
	private static final int MAX_IDENTIFIER_BYTES = 63;

	private static final TaskTable IN_SEARCH_PATH = new TaskTable(null, HistorySettings.NONE);

	private final @Nullable String schema;

	private final String prefix;

	private final HistorySettings history;

	private TaskTable(@Nullable String schema, HistorySettings history) {
		this.schema = schema;
		this.history = history;
		this.prefix = (schema != null) ? quote(schema) + "." : "";
	}

	/**
	 * Return the table that the connection's search path leads to.
	 * @return the table without a schema
	 */
	public static TaskTable inSearchPath() {
		return IN_SEARCH_PATH;
	}

	/**
	 * Return the table of the given schema.
	 * @param schema the literal name of the schema, neither quoted nor folded to lower
	 * case
	 * @return the table in that schema
	 * @throws PgTaskConfigurationException if PostgreSQL cannot have a schema of that
	 * name
	 */
	public static TaskTable inSchema(String schema) {
		Objects.requireNonNull(schema, "The schema must not be null");
		int bytes = schema.getBytes(StandardCharsets.UTF_8).length;
		if (bytes == 0 || bytes > MAX_IDENTIFIER_BYTES || !DatabaseText.canHold(schema)) {
			throw new PgTaskConfigurationException(
					"PostgreSQL cannot have a schema named '%s': a name has 1 to %d bytes (this one has %d), no NUL character and no half of a surrogate pair"
						.formatted(schema.replace("\0", "\\0"), MAX_IDENTIFIER_BYTES, bytes),
					"Set pg-task.schema to a shorter, non-empty name, or remove it to use the search path of the connection.");
		}
		return new TaskTable(schema, HistorySettings.NONE);
	}

	/**
	 * Change what is kept of tasks that leave the table. It is the same for whatever ends
	 * a task, on every node.
	 * @param history what is kept
	 * @return the same table
	 */
	public TaskTable keeping(HistorySettings history) {
		return new TaskTable(this.schema, history);
	}

	/**
	 * Return what is kept of tasks that leave the table.
	 * @return what is kept, nothing by default
	 */
	public HistorySettings history() {
		return this.history;
	}

	/**
	 * Return the literal name of the schema.
	 * @return the schema, or {@code null} if the search path decides
	 */
	public @Nullable String schema() {
		return this.schema;
	}

	/**
	 * Return the name of the schema for use in SQL.
	 * @return the quoted name
	 * @throws IllegalStateException if the search path decides
	 */
	public String quotedSchema() {
		if (this.schema == null) {
			throw new IllegalStateException("The schema is left to the search path");
		}
		return quote(this.schema);
	}

	/**
	 * Return the name of the table for use in SQL.
	 * @return the quoted and, where there is a schema, qualified name
	 */
	public String name() {
		return this.prefix + NAME;
	}

	/**
	 * Return the name of another object of pg-task (a function, an index, a table) in the
	 * same schema for use in SQL.
	 * @param object the literal, unqualified name of the object
	 * @return the quoted and, where there is a schema, qualified name
	 */
	public String qualify(String object) {
		return this.prefix + quote(object);
	}

	/**
	 * Put the names of the table and its companions into a statement.
	 * @param template the statement, with <code>{table}</code> where the name belongs,
	 * <code>{paused}</code> for the table of paused task types, <code>{history}</code>
	 * and <code>{dead}</code> for the tables of those that have left it, and
	 * <code>{stepName}</code> and <code>{historyDue}</code> for the functions that find
	 * the name of a step and whether partitions are due
	 * @return the statement, ready to be prepared
	 */
	public String sql(String template) {
		// In one pass, because a schema may be named like a placeholder.
		return PLACEHOLDER.matcher(template)
			.replaceAll((match) -> Matcher.quoteReplacement(this.prefix + OBJECTS.get(match.group(1))));
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof TaskTable that && Objects.equals(this.schema, that.schema)
				&& this.history.equals(that.history);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.schema, this.history);
	}

	/**
	 * Return the qualified name of the table.
	 * @return the same as {@link #name()}
	 */
	@Override
	public String toString() {
		return name();
	}

	private static String quote(String identifier) {
		return '"' + identifier.replace("\"", "\"\"") + '"';
	}

}
