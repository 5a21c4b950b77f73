package io.pgtask.store;

/**
 * The server's queue of notifications. Somebody who listens and stays in a transaction
 * for too long fills it for all databases of the server, and from then on every
 * transaction that notifies fails at its commit.
 */
final class NotificationQueue {

	private static final String TELL = "CASE WHEN pg_notification_queue_usage() < 0.75 THEN pg_notify('%s', %s) END";

	private NotificationQueue() {
	}

	/**
	 * Return the expression that notifies within a transaction which saves something, if
	 * there is room: whoever listens also looks from time to time, so it is better to
	 * tell nobody than to save nothing.
	 * @param channel the channel
	 * @param payload the expression of what to tell
	 */
	static String tell(String channel, String payload) {
		return TELL.formatted(channel, payload);
	}

}
