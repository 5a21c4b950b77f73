package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * What lives on the connection that listens, besides listening. Called by the thread of
 * the {@link Notifications} alone.
 */
interface ListenerSession {

	/** Nothing. */
	ListenerSession NONE = new ListenerSession() {
	};

	/** The connection listens. */
	default void opened(Connection connection) throws SQLException {
	}

	/**
	 * Called again and again while it does.
	 * @return how long it need not be called again
	 */
	default Duration tick(Connection connection) throws SQLException {
		return Duration.ofDays(1);
	}

	/** The connection is given back in good order; whoever gets it must find nothing. */
	default void closing(Connection connection) throws SQLException {
	}

	/** The connection is gone, however it ended. */
	default void lost() {
	}

	/** There will be no other connection. */
	default void ended() {
	}

}
