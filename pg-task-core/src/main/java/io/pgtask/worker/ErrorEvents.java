package io.pgtask.worker;

import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.pgtask.TaskErrorListener;
import io.pgtask.store.ParkedTaskReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns notifications about parked tasks into events. The notification carries only the
 * id, because an error text may be longer than a notification, and is nobody else's
 * business; the row is read on a thread of its own, so that a slow listener delays no
 * wake-up.
 */
final class ErrorEvents {

	static final String CHANNEL = "pg_task_error";

	private static final Logger logger = LoggerFactory.getLogger(ErrorEvents.class);

	/**
	 * Events are for people who watch: when they cannot follow, the newest are left out.
	 */
	private static final int MOST_WAITING = 10_000;

	private static final long IDLE_SECONDS = 10;

	private final ParkedTaskReader reader;

	private final TaskErrorListener listener;

	private final ThreadPoolExecutor executor;

	ErrorEvents(ParkedTaskReader reader, TaskErrorListener listener) {
		this.reader = reader;
		this.listener = listener;
		this.executor = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(MOST_WAITING), (delivery) -> {
					Thread thread = new Thread(delivery, "pg-task-errors");
					thread.setDaemon(true);
					return thread;
				}, (delivery, pool) -> logger
					.warn("An error event is left out, because the listener is {} events behind", MOST_WAITING));
		this.executor.allowCoreThreadTimeOut(true);
	}

	/**
	 * A task was parked.
	 * @param payload the payload of the notification: the task's id
	 */
	void parked(String payload) {
		this.executor.execute(() -> deliver(payload));
	}

	void stop() {
		this.executor.shutdown();
	}

	private void deliver(String payload) {
		try {
			this.reader.read(UUID.fromString(payload)).ifPresent(this.listener::onTaskError);
		}
		catch (RuntimeException ex) {
			logger.warn("The error event of task {} could not be delivered", payload, ex);
		}
	}

}
