package io.pgtask.faults;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Writes what the engine's statements claim and change to the journal of the process, as
 * the database returns it, and what becomes of their transactions.
 */
final class RecordingDataSource extends DelegatingDataSource {

	private final Journal journal;

	private final AtomicLong transactions = new AtomicLong();

	RecordingDataSource(DataSource target, Journal journal) {
		super(target);
		this.journal = journal;
	}

	@Override
	public Connection getConnection() throws SQLException {
		Recorded recorded = new Recorded(super.getConnection());
		return Interception.of(Connection.class, recorded::invoke);
	}

	/**
	 * One connection, while it is borrowed.
	 */
	private final class Recorded {

		private final Connection target;

		private boolean autoCommit = true;

		/** The number of the transaction, if it has changed something. */
		private String transaction = "";

		Recorded(Connection target) {
			this.target = target;
		}

		@Nullable Object invoke(Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
			switch (method.getName()) {
				case "prepareStatement" -> {
					return prepare(method, arguments);
				}
				case "setAutoCommit" -> this.autoCommit = arguments != null && Boolean.TRUE.equals(arguments[0]);
				case "commit" -> {
					commit();
					return null;
				}
				case "rollback" -> {
					Interception.pass(this.target, method, arguments);
					end(Event.Kind.ROLLBACK);
					return null;
				}
				default -> {
				}
			}
			return Interception.pass(this.target, method, arguments);
		}

		private void commit() throws SQLException {
			this.target.commit();
			end(Event.Kind.COMMIT);
		}

		private void end(Event.Kind how) {
			if (!this.transaction.isEmpty()) {
				RecordingDataSource.this.journal.write(new Event(how, "", Journal.now(), "", "", "", 0, 0, "", true),
						this.transaction);
				this.transaction = "";
			}
		}

		private @Nullable Object prepare(Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
			if (arguments == null || !(arguments[0] instanceof String sql)) {
				return Interception.pass(this.target, method, arguments);
			}
			RecordedStatement statement = RecordedStatement.of(sql);
			arguments[0] = (statement != null) ? statement.sql() : sql;
			PreparedStatement prepared = (PreparedStatement) Interception.pass(this.target, method, arguments);
			return (statement != null && prepared != null) ? record(statement, prepared) : prepared;
		}

		private PreparedStatement record(RecordedStatement statement, PreparedStatement target) {
			return Interception.of(PreparedStatement.class, (method, arguments) -> {
				if (method.getName().equals("setObject") && arguments != null) {
					statement.parameter(arguments);
				}
				Object result = Interception.pass(target, method, arguments);
				return (result instanceof ResultSet rows) ? record(statement, rows) : result;
			});
		}

		private ResultSet record(RecordedStatement statement, ResultSet target) {
			if (!this.autoCommit && this.transaction.isEmpty()) {
				this.transaction = Long.toString(RecordingDataSource.this.transactions.incrementAndGet());
			}
			return Interception.of(ResultSet.class, (method, arguments) -> {
				Object result = Interception.pass(target, method, arguments);
				if (method.getName().equals("next")) {
					Event event = Boolean.TRUE.equals(result) ? statement.row(target) : statement.refused();
					while (event != null) {
						RecordingDataSource.this.journal.write(event, this.transaction);
						event = Boolean.TRUE.equals(result) ? null : statement.refused();
					}
				}
				return result;
			});
		}

	}

}
