package io.pgtask.store;

/**
 * The server's queue of notifications. Somebody who listens and stays in a transaction
 * for too long fills it for all databases of the server, and from then on every
 * transaction that notifies fails at its commit.
 */
final class NotificationQueue {

	/**
	 * The condition of a notification within a transaction that saves something: whoever
	 * listens also looks from time to time, so it is better to tell nobody than to save
	 * nothing.
	 */
	static final String HAS_ROOM = "pg_notification_queue_usage() < 0.75";

	private NotificationQueue() {
	}

}
