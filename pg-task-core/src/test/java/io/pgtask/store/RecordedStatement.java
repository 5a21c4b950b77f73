package io.pgtask.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A statement of the engine with its parameters, so that a test can ask the server how it
 * is executed.
 */
final class RecordedStatement {

	private static final Pattern BUFFERS = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?");

	private final String sql;

	private final Map<Integer, Parameter> parameters = new TreeMap<>();

	private RecordedStatement(String sql) {
		this.sql = sql;
	}

	/**
	 * Runs work on a connection, undoes it, and returns what it has prepared.
	 */
	static List<RecordedStatement> of(Connection connection, Work work) throws SQLException {
		List<RecordedStatement> recorded = new ArrayList<>();
		Connection recorder = (Connection) Proxy.newProxyInstance(RecordedStatement.class.getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
					Object result = invoke(connection, method, arguments);
					if (result instanceof PreparedStatement statement) {
						RecordedStatement record = new RecordedStatement((String) arguments[0]);
						recorded.add(record);
						return record.recording(statement);
					}
					return result;
				});
		connection.setAutoCommit(false);
		work.run(recorder);
		connection.rollback();
		return recorded;
	}

	private PreparedStatement recording(PreparedStatement statement) {
		return (PreparedStatement) Proxy.newProxyInstance(RecordedStatement.class.getClassLoader(),
				new Class<?>[] { PreparedStatement.class }, (proxy, method, arguments) -> {
					if (method.getName().startsWith("set") && arguments != null && arguments.length >= 2
							&& arguments[0] instanceof Integer index) {
						this.parameters.put(index, Parameter.of(arguments[1]));
					}
					return invoke(statement, method, arguments);
				});
	}

	private static @Nullable Object invoke(Object target, java.lang.reflect.Method method,
			@Nullable Object @Nullable [] arguments) throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/**
	 * Executes the statement once more and undoes that.
	 * @param connection where
	 * @param cacheMode the {@code plan_cache_mode}: whether the plan knows the parameters
	 * @param settings the settings sent with an earlier statement of the transaction
	 * @return the plan, with what it really cost
	 */
	List<String> explain(Connection connection, String cacheMode, @Nullable String settings) throws SQLException {
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			if (settings != null) {
				statement.execute(settings);
			}
			if (isPreceded()) {
				statement.execute(this.sql.substring(0, end()));
			}
			statement.execute("SET LOCAL plan_cache_mode = " + cacheMode);
			statement.execute("PREPARE recorded" + types() + " AS " + numbered(this.sql.substring(start())));
			List<String> plan = new ArrayList<>();
			try (ResultSet rows = statement.executeQuery("EXPLAIN (ANALYZE, BUFFERS) EXECUTE recorded" + literals())) {
				while (rows.next()) {
					plan.add(rows.getString(1));
				}
			}
			statement.execute("DEALLOCATE recorded");
			return plan;
		}
		finally {
			connection.rollback();
		}
	}

	String sql() {
		return this.sql;
	}

	/** Whether it does nothing but prepare the transaction for others. */
	boolean isOnlySettings() {
		return this.sql.startsWith("SELECT set_config") && !isPreceded();
	}

	boolean isAbout(String table) {
		return Pattern.compile("\\b" + table + "\\b(?!_)").matcher(this.sql.replaceAll("'[^']*'", "")).find();
	}

	/** Whether settings are sent ahead of the statement. */
	private boolean isPreceded() {
		return this.sql.contains(";\n");
	}

	private int end() {
		return this.sql.indexOf(";\n");
	}

	private int start() {
		return isPreceded() ? end() + 2 : 0;
	}

	private String types() {
		List<String> types = this.parameters.values().stream().map(Parameter::type).toList();
		return types.isEmpty() ? "" : "(" + String.join(", ", types) + ")";
	}

	private String literals() {
		List<String> literals = this.parameters.values().stream().map(Parameter::literal).toList();
		return literals.isEmpty() ? "" : "(" + String.join(", ", literals) + ")";
	}

	private static String numbered(String sql) {
		StringBuilder numbered = new StringBuilder();
		int number = 0;
		for (String part : sql.split("\\?", -1)) {
			numbered.append((number > 0) ? "$" + number : "").append(part);
			number++;
		}
		return numbered.toString();
	}

	/** Returns the buffers that a statement touched, by its plan. */
	static int buffers(List<String> plan) {
		for (String line : plan) {
			Matcher matcher = BUFFERS.matcher(line);
			if (matcher.find()) {
				return number(matcher.group(1)) + number(matcher.group(2));
			}
		}
		throw new IllegalStateException("No buffers in " + plan);
	}

	private static int number(@Nullable String digits) {
		return (digits != null) ? Integer.parseInt(digits) : 0;
	}

	/**
	 * Work whose statements are recorded.
	 */
	@FunctionalInterface
	interface Work {

		void run(Connection connection) throws SQLException;

	}

	private record Parameter(String type, String literal) {

		static Parameter of(Object value) throws SQLException {
			if (value instanceof Array array) {
				return new Parameter(array.getBaseTypeName() + "[]", quote(array.toString()));
			}
			if (value instanceof UUID) {
				return new Parameter("uuid", quote(value.toString()));
			}
			if (value instanceof Long) {
				return new Parameter("bigint", value.toString());
			}
			if (value instanceof Integer) {
				return new Parameter("int", value.toString());
			}
			return new Parameter("text", quote(value.toString()));
		}

		private static String quote(String text) {
			return "'" + text.replace("'", "''") + "'";
		}

	}

}
