package io.pgtask.store;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

/**
 * Where the clients of this JVM find the workers that start tasks directly. The client is
 * made before the worker, whose steps need it, so each worker is added when it is there.
 * Thread-safe.
 */
public final class DirectStarts {

	private final List<DirectStarter> workers = new CopyOnWriteArrayList<>();

	/**
	 * Create direct starts without a worker: every task is claimed.
	 */
	public DirectStarts() {
	}

	/**
	 * Add a worker of this JVM, on the same table and {@code DataSource} as the clients.
	 * @param worker the worker, whether or not it runs
	 */
	public void localWorker(DirectStarter worker) {
		this.workers.add(Objects.requireNonNull(worker, "The worker must not be null"));
	}

	@Nullable DirectOffer offer(String taskType) {
		for (DirectStarter worker : this.workers) {
			DirectOffer offer = worker.offer(taskType);
			if (offer != null) {
				return offer;
			}
		}
		return null;
	}

}
