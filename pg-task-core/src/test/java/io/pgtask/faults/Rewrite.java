package io.pgtask.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Changes statements of the engine before they are prepared.
 *
 * @param mark a text by which the statements are recognised
 * @param part what is replaced wherever it occurs, which has to be somewhere
 * @param replacement what takes its place; {@code $0} is what was there
 */
record Rewrite(String mark, Pattern part, String replacement) implements Patch {

	static Rewrite of(String mark, String part, String replacement) {
		return new Rewrite(mark, Pattern.compile(part), replacement);
	}

	@Override
	public DataSource dataSource(DataSource engine, Runnable onUse) {
		return new DelegatingDataSource(engine) {

			@Override
			public Connection getConnection() throws SQLException {
				return rewriting(super.getConnection(), onUse);
			}

		};
	}

	private Connection rewriting(Connection target, Runnable onUse) {
		return Interception.of(Connection.class, (method, arguments) -> {
			if (arguments != null && arguments[0] instanceof String sql && sql.contains(this.mark)) {
				arguments[0] = rewrite(sql);
				onUse.run();
			}
			return Interception.pass(target, method, arguments);
		});
	}

	private String rewrite(String sql) {
		Matcher matcher = this.part.matcher(sql);
		if (!matcher.find()) {
			throw new IllegalStateException("The statement has changed, and with it has to change what is replaced in"
					+ " it, \"" + this.part + "\":\n" + sql);
		}
		return matcher.replaceAll(this.replacement);
	}

}
