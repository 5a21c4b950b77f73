package io.pgtask.store;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a failed statement says about the database.
 */
public final class Failures {

	/**
	 * lock_not_available, deadlock_detected, serialization_failure, query_canceled.
	 */
	private static final Set<String> PASSING = Set.of("55P03", "40P01", "40001", "57014");

	private static final String PROTOCOL_VIOLATION = "08P01";

	/**
	 * read_only_sql_transaction, idle_in_transaction_session_timeout,
	 * transaction_timeout: the server was demoted, or has ended the session.
	 */
	private static final Set<String> ENDED = Set.of("25006", "25P03", "25P04");

	private static final String LIMIT_EXCEEDED = "54000";

	/** The part of the server that deals with notifications. */
	private static final String NOTIFICATIONS = "async.c";

	/** Their messages may repeat what a row or a parameter holds. */
	private static final List<String> WITH_VALUES = List.of("22", "P0");

	private Failures() {
	}

	/**
	 * Return whether the same statement may succeed once the database is back: it cannot
	 * be reached, refuses connections, shuts down, was demoted to a read-only standby,
	 * has no room left on its disk or for notifications, or the pool had no connection to
	 * give, or a pooler between has lost its server.
	 * @param failure the failure
	 * @return whether it is a failure of the connection rather than of the statement
	 */
	public static boolean isOutage(SQLException failure) {
		if (failure instanceof SQLTransientConnectionException || failure instanceof SQLRecoverableException) {
			return true;
		}
		String state = failure.getSQLState();
		if (PROTOCOL_VIOLATION.equals(state)) {
			return isOfPooler(failure);
		}
		return state == null || state.startsWith("08") || state.startsWith("57P") || state.startsWith("53")
				|| state.startsWith("58") || ENDED.contains(state) || isNotificationQueueFull(failure);
	}

	/**
	 * PgBouncer has this state for whatever it says itself, such as that it has lost its
	 * server; of the two only PostgreSQL names the file of its source.
	 */
	private static boolean isOfPooler(SQLException failure) {
		ServerErrorMessage told = told(failure);
		return told != null && told.getFile() == null;
	}

	/**
	 * The same state as that of a row which is too big, and the message is in the
	 * language of the server.
	 */
	private static boolean isNotificationQueueFull(SQLException failure) {
		ServerErrorMessage told = told(failure);
		return told != null && LIMIT_EXCEEDED.equals(told.getSQLState()) && NOTIFICATIONS.equals(told.getFile());
	}

	/**
	 * Return whether a commit that failed in this way has surely not happened: the server
	 * has refused it, or was not even asked.
	 * @param failure the failure
	 * @return whether nothing of the transaction was saved
	 */
	public static boolean isRefusedCommit(SQLException failure) {
		return !isOutage(failure) || isNotificationQueueFull(failure);
	}

	/**
	 * Return whether the session that failed is of no use any more although it may still
	 * answer: its server was demoted, or has ended it.
	 * @param failure the failure
	 * @return whether to cut the connection rather than to give it back
	 */
	static boolean isSessionOver(SQLException failure) {
		return ENDED.contains(String.valueOf(failure.getSQLState()));
	}

	/**
	 * Return whether the statement failed because of what others did at the same time,
	 * and is worth repeating: it waited too long for a lock, was chosen to end a
	 * deadlock, could not be serialized, or was cancelled.
	 * @param failure the failure
	 * @return whether nothing is wrong with the statement itself
	 */
	public static boolean isPassing(SQLException failure) {
		return PASSING.contains(String.valueOf(failure.getSQLState()));
	}

	/**
	 * Describe the failure of a statement for the log. The server's details of a
	 * constraint show the row, and a trigger may say anything.
	 * @param failure the failure
	 * @return what failed, without anything that the row holds
	 */
	public static String withoutValues(SQLException failure) {
		String state = String.valueOf(failure.getSQLState());
		ServerErrorMessage told = told(failure);
		if (told == null || WITH_VALUES.stream().anyMatch(state::startsWith)) {
			return failure.getClass().getSimpleName() + " (SQLSTATE " + state + ")";
		}
		return told.getMessage() + " (SQLSTATE " + state + ")";
	}

	/** What the server, or a pooler in its place, has told; nothing if it did not. */
	private static @Nullable ServerErrorMessage told(SQLException failure) {
		return (failure instanceof PSQLException ex) ? ex.getServerErrorMessage() : null;
	}

}
