package io.pgtask.worker;

import java.util.Map;

import javax.sql.DataSource;

import io.pgtask.TaskErrorListener;
import io.pgtask.store.ParkedTaskReader;
import io.pgtask.store.TaskTable;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener of every task that is parked with an error, on whatever node. It holds
 * one connection while it runs. Events are live: what happens while the connection is
 * down is not told later.
 */
public final class TaskErrorSubscription {

	private final DataSource dataSource;

	private final ParkedTaskReader reader;

	private final TaskErrorListener listener;

	private @Nullable ErrorEvents events;

	private @Nullable Notifications notifications;

	/**
	 * Create a subscription that does not listen yet.
	 * @param dataSource where to borrow connections
	 * @param table the table of the tasks
	 * @param listener is told
	 */
	public TaskErrorSubscription(DataSource dataSource, TaskTable table, TaskErrorListener listener) {
		this.dataSource = dataSource;
		this.reader = new ParkedTaskReader(dataSource, table);
		this.listener = listener;
	}

	/**
	 * Start to listen. Does nothing if it listens already.
	 */
	public synchronized void start() {
		if (this.notifications != null) {
			return;
		}
		ErrorEvents starting = new ErrorEvents(this.reader, this.listener);
		this.events = starting;
		this.notifications = new Notifications(this.dataSource, Map.of(ErrorEvents.CHANNEL, starting::parked), () -> {
		});
		WorkerThreads.start("pg-task-error-listener", this.notifications);
	}

	/**
	 * Stop listening. May be started again.
	 */
	public synchronized void stop() {
		if (this.notifications != null) {
			this.notifications.stop();
			this.notifications = null;
		}
		if (this.events != null) {
			this.events.stop();
			this.events = null;
		}
	}

	/**
	 * Return whether the connection listens at this moment.
	 * @return whether events are received
	 */
	public synchronized boolean isListening() {
		return this.notifications != null && this.notifications.downFor() == null;
	}

}
