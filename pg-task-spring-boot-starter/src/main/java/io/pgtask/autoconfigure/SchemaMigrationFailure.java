package io.pgtask.autoconfigure;

import java.sql.SQLException;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.store.TaskTable;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Says why PostgreSQL refused a migration, and what can be done.
 */
final class SchemaMigrationFailure {

	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	private static final String LOCK_NOT_AVAILABLE = "55P03";

	private SchemaMigrationFailure() {
	}

	/**
	 * Translate a failure.
	 * @param failure what was thrown
	 * @param table the table that was to be made
	 * @return the exception to throw instead
	 */
	static RuntimeException translate(RuntimeException failure, TaskTable table) {
		SQLException cause = refusal(failure);
		if (failure instanceof PgTaskConfigurationException || cause == null) {
			return failure;
		}
		String state = cause.getSQLState();
		if (state == null || state.startsWith("08") || state.startsWith("57P")) {
			return new DataAccessResourceFailureException("The connection broke while pg-task migrated its schema",
					failure);
		}
		String where = (table.schema() != null) ? "schema '" + table.schema() + "'" : "the search path";
		return new PgTaskConfigurationException(
				"pg-task cannot migrate its table in %s: %s".formatted(where, messageOf(cause)),
				actionFor(state, cause), failure);
	}

	private static String actionFor(String state, SQLException cause) {
		if (INSUFFICIENT_PRIVILEGE.equals(state)) {
			return "Grant the database user what is missing (CREATE on the schema, or the ownership of an existing pg_task "
					+ "table), or let a privileged user apply the files in io/pgtask/db of pg-task-core and set "
					+ "pg-task.liquibase.enabled=false.";
		}
		if (LOCK_NOT_AVAILABLE.equals(state)) {
			return "Another session keeps a lock: a node that migrates, or a transaction on pg_task that takes long. Look "
					+ "for it in pg_stat_activity and start again.";
		}
		String hint = hintOf(cause);
		return (hint != null) ? hint
				: "Mend what the message says, or apply the files in io/pgtask/db of pg-task-core by hand and set "
						+ "pg-task.liquibase.enabled=false.";
	}

	/*
	 * The first one: statements that fail later only say that the transaction is aborted.
	 */
	private static @Nullable SQLException refusal(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sql) {
				return sql;
			}
		}
		return null;
	}

	private static String messageOf(SQLException cause) {
		ServerErrorMessage message = serverMessage(cause);
		return (message != null) ? String.valueOf(message.getMessage()) : String.valueOf(cause.getMessage());
	}

	private static @Nullable String hintOf(SQLException cause) {
		ServerErrorMessage message = serverMessage(cause);
		return (message != null) ? message.getHint() : null;
	}

	private static @Nullable ServerErrorMessage serverMessage(SQLException cause) {
		return (cause instanceof PSQLException refused) ? refused.getServerErrorMessage() : null;
	}

}
