package io.pgtask.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.DuplicateTaskException;
import io.pgtask.OnConflict;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskClient;
import io.pgtask.TaskInfo;
import io.pgtask.TaskOptions;
import io.pgtask.TaskQuery;

/**
 * Enqueues tasks and acts on them at random, while workers work on them. Thread-safe, but
 * for what it draws by.
 */
final class RandomOperator {

	private static final List<TaskKind> TYPES = List.of(TaskKind.ERRAND, TaskKind.PARCEL);

	/** Whoever replaces a task begins behind everything that one can have come to. */
	private static final int FAR = 1000;

	private final TaskClient client;

	private final TaskAdmin admin;

	private final AtomicInteger enqueued = new AtomicInteger();

	private final Set<UUID> ids = ConcurrentHashMap.newKeySet();

	private final Queue<Exception> troubles = new ConcurrentLinkedQueue<>();

	private volatile boolean stopped;

	RandomOperator(TaskClient client, TaskAdmin admin) {
		this.client = client;
		this.admin = admin;
	}

	/**
	 * Do something again and again, until told to stop.
	 * @param random decides what
	 */
	void act(Random random) {
		while (!this.stopped) {
			try {
				actOnce(random);
			}
			catch (DuplicateTaskException ex) {
				// A worker runs the task that was to be replaced.
			}
			catch (RuntimeException ex) {
				this.troubles.add(ex);
			}
		}
	}

	void stop() {
		this.stopped = true;
	}

	private void actOnce(Random random) {
		TaskKind kind = TYPES.get(random.nextInt(TYPES.size()));
		switch (random.nextInt(12)) {
			case 0, 1, 2, 3 -> enqueue(kind, TaskOptions.DEFAULT);
			case 4 -> enqueue(kind, TaskOptions.DEFAULT.withDelay(Duration.ofMillis(random.nextInt(100))));
			case 5 -> enqueue(kind, TaskOptions.DEFAULT.withUniqueKey("key",
					random.nextBoolean() ? OnConflict.KEEP : OnConflict.REPLACE));
			case 6 -> this.admin.pauseType(kind.typeName(), null);
			case 7, 8 -> this.admin.resumeType(kind.typeName());
			default -> operate(random);
		}
	}

	private void enqueue(TaskKind kind, TaskOptions options) {
		this.ids.add(this.client.enqueue(kind.state(FAR * this.enqueued.incrementAndGet()), options));
	}

	private void operate(Random random) {
		List<TaskInfo> tasks = this.admin.find(TaskQuery.all());
		if (tasks.isEmpty()) {
			return;
		}
		UUID id = tasks.get(random.nextInt(tasks.size())).id();
		switch (random.nextInt(5)) {
			case 0 -> this.admin.cancel(id);
			case 1 -> this.admin.delete(id);
			case 2 -> this.admin.reschedule(id, Instant.now().plusMillis(random.nextInt(100)));
			case 3 -> this.admin.prioritize(id, random.nextInt(10));
			default -> this.admin.retry(id);
		}
	}

	/** Every task that was ever enqueued. */
	Set<UUID> ids() {
		return this.ids;
	}

	List<Exception> troubles() {
		return List.copyOf(this.troubles);
	}

}
